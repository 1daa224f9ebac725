/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several inputs as one: each packet once, in the order of time, in batches, and with as few calls
 * as there are runs; what one of them says counts for all. */
#include "input.h"

#include <string.h>

#define INPUTS_MAX 5
#define PACKETS	   2000
#define BATCH	   100 /* packets */

/* Packets that are nothing but their time. */
typedef struct {
	Input input;
	guint64 times[PACKETS];
	guint count, next;
	guint released;
	guint moves;
	gboolean acknowledged, armed, alarmed, looked;
	guint64 since;
	gboolean absent;
} Fake;

static void fake_look(Input *input, guint64 now, gboolean final)
{
	((Fake *)input)->looked = now == 7 && final;
}

static PaceLoad fake_load(const Input *input)
{
	const Fake *fake = (const Fake *)input;

	return (PaceLoad){ fake->count, 1.0 / (1 + fake->count) };
}

static guint64 fake_peek(Input *input, const Clock *clock G_GNUC_UNUSED)
{
	const Fake *fake = (const Fake *)input;

	return fake->next < fake->count ? fake->times[fake->next] : INPUT_EMPTY;
}

static void fake_move(Input *input, const InputRun *run)
{
	Fake *fake = (Fake *)input;

	fake->moves++;
	while (!input_run_is_over(run) && fake_peek(input, NULL) <= run->until &&
	       fake->next < fake->count)
		g_byte_array_append(run->out, (const guint8 *)&fake->times[fake->next++],
				    sizeof(guint64));
}

static guint64 fake_since(Input *input)
{
	return ((const Fake *)input)->since;
}

static gboolean fake_absent(const Input *input)
{
	return ((const Fake *)input)->absent;
}

static void fake_release(Input *input)
{
	((Fake *)input)->released = ((Fake *)input)->next;
}

static gboolean fake_pending(const Input *input)
{
	return ((const Fake *)input)->next < ((const Fake *)input)->count;
}

static void fake_acknowledge(Input *input)
{
	((Fake *)input)->acknowledged = TRUE;
}

static void fake_arm(Input *input)
{
	((Fake *)input)->armed = TRUE;
}

static void fake_set_alarms(Input *input)
{
	((Fake *)input)->alarmed = TRUE;
}

static void fake_count(const Input *input, Counts *sum)
{
	sum->outcomes[7][XDPSHARK_CAPTURED] += ((const Fake *)input)->count;
}

static const InputType fake_type = {
	.look = fake_look,
	.load = fake_load,
	.peek = fake_peek,
	.since = fake_since,
	.absent = fake_absent,
	.move = fake_move,
	.release = fake_release,
	.pending = fake_pending,
	.acknowledge = fake_acknowledge,
	.arm = fake_arm,
	.set_alarms = fake_set_alarms,
	.count = fake_count,
};

typedef struct {
	GPtrArray *inputs;
	Fake *fakes[INPUTS_MAX];
	guint total;
	guint turns; /* how often the oldest packet is another input's than the one before */
} World;

/* Packets come to inputs at random, several of one time, too. */
static World *world_new(guint count, guint packets)
{
	World *world = g_new0(World, 1);
	guint64 time = 1;
	guint before = INPUTS_MAX;

	world->inputs = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < count; i++) {
		world->fakes[i] = g_new0(Fake, 1);
		world->fakes[i]->input.type = &fake_type;
		g_ptr_array_add(world->inputs, world->fakes[i]);
	}
	for (guint i = 0; i < packets; i++) {
		guint at = g_test_rand_int_range(0, 8)
				   ? before % count
				   : (guint)g_test_rand_int_range(0, (gint32)count);
		Fake *fake = world->fakes[at];

		world->turns += at != before;
		before = at;
		time += (guint64)g_test_rand_int_range(0, 3);
		fake->times[fake->count++] = time;
	}
	world->total = packets;
	return world;
}

static void world_free(World *world)
{
	g_ptr_array_unref(world->inputs);
	g_free(world);
}

static void test_order(gconstpointer data)
{
	World *world = world_new(GPOINTER_TO_UINT(data), PACKETS);
	g_autoptr(GByteArray) out = g_byte_array_new();
	InputRun run = { .out = out };
	guint batches = 1, moves = 0;
	guint64 last = 0;

	for (run.size = BATCH * sizeof(guint64); inputs_move(world->inputs, &run); batches++) {
		g_assert_cmpuint(out->len, ==, run.size);
		run.size += BATCH * sizeof(guint64);
	}
	g_assert_cmpuint(out->len, ==, world->total * sizeof(guint64));
	for (guint i = 0; i < world->total; i++) {
		guint64 time;

		memcpy(&time, out->data + i * sizeof(time), sizeof(time));
		g_assert_cmpuint(time, >=, last);
		last = time;
	}
	g_assert_false(inputs_pending(world->inputs));
	for (guint i = 0; i < world->inputs->len; i++) {
		g_assert_cmpuint(world->fakes[i]->next, ==, world->fakes[i]->count);
		moves += world->fakes[i]->moves;
	}
	/* Never for each packet; those of one time may take more turns. */
	g_assert_cmpuint(moves, <=, 2 * world->turns + batches);
	world_free(world);
}

static void test_all(void)
{
	World *world = world_new(INPUTS_MAX, PACKETS);
	Fake **fakes = world->fakes;
	g_autoptr(GByteArray) out = g_byte_array_new();
	InputRun run = { .out = out, .size = G_MAXSIZE };
	guint least = PACKETS;
	Counts counts;

	g_assert_true(inputs_pending(world->inputs));
	inputs_look(world->inputs, 7, TRUE);
	inputs_acknowledge(world->inputs);
	inputs_arm(world->inputs);
	inputs_set_alarms(world->inputs);
	inputs_move(world->inputs, &run);
	inputs_release(world->inputs);
	for (guint i = 0; i < INPUTS_MAX; i++) {
		g_assert_true(fakes[i]->looked && fakes[i]->acknowledged && fakes[i]->armed &&
			      fakes[i]->alarmed);
		g_assert_cmpuint(fakes[i]->released, ==, fakes[i]->count);
		least = MIN(least, fakes[i]->count);
	}
	inputs_count(world->inputs, &counts);
	g_assert_cmpuint(counts.outcomes[7][XDPSHARK_CAPTURED], ==, world->total);
	g_assert_cmpuint(counts_received(&counts, 1U << 7), ==, world->total);
	g_assert_cmpuint(counts_received(&counts, 0x7f), ==, 0);
	g_assert_cmpuint(inputs_load(world->inputs).bytes, ==, world->total);
	g_assert_cmpfloat(inputs_load(world->inputs).fullest, ==, 1.0 / (1 + least));
	world_free(world);
}

/* Nothing is there, and of nothing. */
static void test_empty(void)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	InputRun run = { .out = out, .size = 1 };

	for (guint count = 0; count <= INPUTS_MAX; count++) {
		World *world = world_new(count, 0);

		g_assert_false(inputs_move(world->inputs, &run));
		g_assert_false(inputs_pending(world->inputs));
		g_assert_cmpuint(out->len, ==, 0);
		world_free(world);
	}
}

static guint move_at(const World *world, guint64 now, GByteArray *out)
{
	InputRun run = { .out = out, .size = G_MAXSIZE, .now = now };
	guint before = out->len;

	g_assert_false(inputs_move(world->inputs, &run));
	return (out->len - before) / (guint)sizeof(guint64);
}

static void add(Fake *fake, guint64 time, guint64 since)
{
	fake->times[fake->count++] = time;
	fake->since = since;
}

/* Packets wait for an input that has none, which may bring an older one, but not for long, and not
 * for one that brings none. */
static void test_waiting(void)
{
	const guint64 came = 10 * INPUT_PATIENCE_NS, soon = came + INPUT_PATIENCE_NS - 1;
	World *world = world_new(3, 0);
	g_autoptr(GByteArray) out = g_byte_array_new();
	guint64 order[3];

	add(world->fakes[0], 100, came);
	add(world->fakes[2], 90, came);
	g_assert_cmpuint(move_at(world, soon, out), ==, 0);
	/* It does bring one: now they are in order. */
	add(world->fakes[1], 80, soon);
	g_assert_cmpuint(move_at(world, soon, out), ==, 1);
	g_assert_cmpuint(move_at(world, soon + 1, out), ==, 2);
	memcpy(order, out->data, sizeof(order));
	g_assert_true(order[0] == 80 && order[1] == 90 && order[2] == 100);
	/* A clock that is slow does not keep the others back. */
	add(world->fakes[0], 200, came);
	add(world->fakes[2], 10, soon);
	g_assert_cmpuint(move_at(world, soon, out), ==, 0);
	g_assert_cmpuint(move_at(world, soon + 1, out), ==, 2);
	add(world->fakes[0], 300, came);
	world->fakes[1]->absent = world->fakes[2]->absent = TRUE;
	g_assert_cmpuint(move_at(world, came, out), ==, 1);
	/* At the end nothing waits. */
	world->fakes[1]->absent = FALSE;
	add(world->fakes[0], 400, came);
	g_assert_cmpuint(move_at(world, came, out), ==, 0);
	g_assert_cmpuint(move_at(world, 0, out), ==, 1);
	world_free(world);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint inputs = 1; inputs <= INPUTS_MAX; inputs++) {
		g_autofree char *name = g_strdup_printf("/input/order/%u", inputs);

		g_test_add_data_func(name, GUINT_TO_POINTER(inputs), test_order);
	}
	g_test_add_func("/input/all", test_all);
	g_test_add_func("/input/empty", test_empty);
	g_test_add_func("/input/waiting", test_waiting);
	return g_test_run();
}
