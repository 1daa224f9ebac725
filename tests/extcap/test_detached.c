// SPDX-License-Identifier: GPL-2.0-or-later
/* From what is seen in the slots to what the user reads. */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "detached.h"
#include "presence.h"

#define SECOND G_GUINT64_CONSTANT(1000000000)
#define PATH   "/sys/fs/bpf/fw"

typedef struct {
	Presence presence;
	Clock *clock;
	Detached *detached;
	GString *said;
} Fixture;

static void say(GLogLevelFlags level, const char *text, gpointer data)
{
	g_assert_cmpint(level, ==, G_LOG_LEVEL_WARNING);
	g_string_append_printf(data, "%s\n", text);
}

static void fixture_begin(Fixture *fixture)
{
	DetachedSetting setting = { .report = say };

	memset(fixture, 0, sizeof(*fixture));
	fixture->clock = clock_new();
	fixture->said = g_string_new(NULL);
	setting.clock = fixture->clock;
	setting.data = fixture->said;
	fixture->detached = detached_new(PATH, &setting);
	presence_fill(&fixture->presence, 1U << XDP_DROP | 1U << XDP_PASS, 10 * SECOND);
}

static void fixture_end(Fixture *fixture)
{
	detached_free(fixture->detached);
	clock_free(fixture->clock);
	g_string_free(fixture->said, TRUE);
}

/* PASS is captured all the time. */
static void see(Fixture *fixture, SlotReport report, guint64 now)
{
	const SlotReport reports[XDPSHARK_ACTIONS] = {
		[XDP_DROP] = report, [XDP_PASS] = { .state = SLOT_CAPTURED }
	};

	presence_take(&fixture->presence, reports, now);
}

/* Also over the socket. What is said now, in one line or none, has all of these. */
static void tell(Fixture *fixture, guint64 now, const char *const *parts)
{
	Attachment attachment, received;
	g_autoptr(GVariant) variant = NULL;

	presence_read(&fixture->presence, now, &attachment);
	variant = g_variant_ref_sink(attachment_to_variant(&attachment));
	attachment_from_variant(variant, &received);
	g_assert_cmpint(attachment.absences[XDP_DROP].state, ==, received.absences[XDP_DROP].state);
	g_assert_cmpuint(attachment.absences[XDP_DROP].total, ==,
			 received.absences[XDP_DROP].total);
	g_string_truncate(fixture->said, 0);
	detached_take(fixture->detached, &received);
	for (const char *const *part = parts; part && *part; part++)
		if (!strstr(fixture->said->str, *part))
			g_error("not said: '%s', but: %s", *part, fixture->said->str);
	if (!parts)
		g_assert_cmpstr(fixture->said->str, ==, "");
	else
		g_assert_true(strchr(fixture->said->str, '\n') ==
			      fixture->said->str + fixture->said->len - 1);
}

#define SAID(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_file(const Fixture *fixture, const char *expected)
{
	g_autofree char *text = detached_describe(fixture->detached);

	g_assert_cmpstr(text, ==, expected);
}

static void test_put_back(void)
{
	Fixture fixture;

	fixture_begin(&fixture);
	tell(&fixture, 11 * SECOND, NULL);
	assert_file(&fixture, NULL);
	see(&fixture, (SlotReport){ .state = SLOT_EMPTY, .returned = TRUE }, 12 * SECOND);
	tell(&fixture, 12 * SECOND,
	     SAID("hook " PATH ": slot DROP was emptied by somebody; our program was put back "
		  "after 2.0 s; packets in between are missing; captured again since "));
	/* Reported once. */
	see(&fixture, (SlotReport){ .state = SLOT_CAPTURED }, 13 * SECOND);
	tell(&fixture, 13 * SECOND, NULL);
	g_assert_true(detached_check(fixture.detached, NULL));
	/* Twice before the next look, with another cause at last. */
	see(&fixture, (SlotReport){ .state = SLOT_EMPTY, .returned = TRUE }, 14 * SECOND);
	see(&fixture, (SlotReport){ .state = SLOT_CUT_OFF, .returned = TRUE }, 15 * SECOND);
	tell(&fixture, 15 * SECOND, SAID("which was cut off", "after 1.0 s", "(3 times in all)"));
	assert_file(&fixture, "xdp detached=DROP:4.000");
	fixture_end(&fixture);
}

static void test_absent(void)
{
	SlotReport foreign = { .state = SLOT_OVERWRITTEN, .program_id = 7, .program_name = "lb" };
	g_autoptr(GError) error = NULL;
	Fixture fixture;

	fixture_begin(&fixture);
	see(&fixture, foreign, 11 * SECOND);
	tell(&fixture, 11 * SECOND,
	     SAID("slot DROP was overwritten with program 7 (lb), which is not xdpshark's; packets "
		  "are missing since ",
		  "--share-foreign"));
	see(&fixture, foreign, 12 * SECOND);
	tell(&fixture, 12 * SECOND, NULL);
	/* Another one. */
	foreign.program_id = 8;
	foreign.program_name[0] = '\0';
	see(&fixture, foreign, 13 * SECOND);
	tell(&fixture, 13 * SECOND, SAID("program 8 (unnamed)"));
	assert_file(&fixture, "xdp detached=DROP:3.000 detached_at_end=DROP");
	g_assert_false(detached_check(fixture.detached, &error));
	g_assert_nonnull(strstr(error->message, "detached from hook " PATH " since "));
	g_assert_nonnull(strstr(error->message, "(slot DROP was overwritten with program 8"));
	see(&fixture, (SlotReport){ .state = SLOT_CAPTURED }, 14 * SECOND);
	tell(&fixture, 15 * SECOND,
	     SAID("slot DROP is captured again since ", ", after 4.0 s; packets in between are "
							"missing"));
	assert_file(&fixture, "xdp detached=DROP:4.000");
	fixture_end(&fixture);
}

static void test_in_vain(void)
{
	static const struct {
		SlotReport report;
		const char *text;
	} cases[] = {
		{ { .state = SLOT_EMPTY, .reason = EBUSY }, "last tried in vain: Device or" },
		{ { .state = SLOT_CUT_OFF, .reason = ENFILE }, "last tried in vain: Too many" },
		{ { .state = SLOT_UNREADABLE, .reason = EPERM },
		  "slot DROP cannot be read: Operation not permitted; packets are missing since" },
		{ { .state = SLOT_LEFT }, "that of the new one was taken meanwhile" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Fixture fixture;

		fixture_begin(&fixture);
		see(&fixture, cases[i].report, 11 * SECOND);
		tell(&fixture, 11 * SECOND, SAID(cases[i].text));
		g_assert_false(detached_check(fixture.detached, NULL));
		fixture_end(&fixture);
	}
}

static void test_frozen(void)
{
	Fixture fixture;
	Attachment attachment;

	fixture_begin(&fixture);
	fixture.presence.attachment.frozen = TRUE;
	tell(&fixture, 11 * SECOND, SAID("its map was frozen during the capture"));
	tell(&fixture, 12 * SECOND, NULL);
	presence_read(&fixture.presence, 13 * SECOND, &attachment);
	attachment.left = 1U << XDP_DROP | 1U << XDP_PASS;
	detached_end(fixture.detached, &attachment);
	g_assert_nonnull(strstr(fixture.said->str, "stay in its slots (DROP, PASS), as its map is "
						   "frozen"));
	/* The file is whole. */
	g_assert_true(detached_check(fixture.detached, NULL));
	assert_file(&fixture, NULL);
	fixture_end(&fixture);
}

static void test_start(void)
{
	static const struct {
		guint32 slots;
		guint actions;
		gboolean device;
		const char *text;
	} cases[] = {
		{ 5, 0, TRUE, NULL },
		{ 5, 0, FALSE, "no device leads to it at present" },
		{ 4, 0, TRUE, "4 slots, and so none for REDIRECT" },
		{ 4, 31, TRUE, "4 slots, and so none for REDIRECT" },
		{ 4, 1U << XDP_DROP, TRUE, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) said = g_string_new(NULL);
		const DetachedSetting setting = { .actions = cases[i].actions,
						  .report = say,
						  .data = said };
		Detached *detached = detached_new(PATH, &setting);
		Point *hook = point_new(&source_hook);

		hook->programs_known = TRUE;
		hook->slots.count = cases[i].slots;
		if (cases[i].device)
			g_ptr_array_add(hook->devices, g_new0(PointDevice, 1));
		detached_start(detached, hook);
		g_assert_cmpint(cases[i].text != NULL, ==, said->len > 0);
		if (cases[i].text)
			g_assert_nonnull(strstr(said->str, cases[i].text));
		point_free(hook);
		detached_free(detached);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/detached/is put back", test_put_back);
	g_test_add_func("/detached/is absent", test_absent);
	g_test_add_func("/detached/cannot be put back", test_in_vain);
	g_test_add_func("/detached/is frozen", test_frozen);
	g_test_add_func("/detached/never gets any", test_start);
	return g_test_run();
}
