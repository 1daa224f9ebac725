// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs of watched programs that interrupt each other, or follow each other with the same packet:
 * entry and exit are never confused, what is not seen is counted, and nothing is left behind.
 */
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "traced.h"
#include "watcher.h"

#define SKIPPED	  77
#define LENGTH	  64
#define TEST_RUNS 20000
#define A_CALL	  200 /* test runs */
#define REDIRECTS ((guint)200)
#define SETTLED	  500000 /* us; nothing has arrived for so long, on a busy machine too */
#define RING_SIZE ((gsize)16 * 1024 * 1024)

static const char *object_path;

static struct bpf_object *load(void)
{
	struct bpf_object *object = bpf_object__open_file(object_path, NULL);

	g_assert_nonnull(object);
	g_assert_cmpint(bpf_object__load(object), ==, 0);
	return object;
}

static int program_of(const struct bpf_object *object, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

static void pin(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	g_assert_cmpint(pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus), ==, 0);
}

/* Every byte behind the header depends on the number. */
static void fill(guint8 packet[LENGTH], guint32 number)
{
	static const guint8 head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	memcpy(packet, head, sizeof(head));
	for (gsize i = sizeof(head); i < LENGTH; i++)
		packet[i] = (guint8)(number >> (i % 4 * 8));
}

static int sender_open(const char *device)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_ifindex = (int)if_nametoindex(device) };
	int sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	g_assert_cmpint(bind(sender, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	return sender;
}

/* Sends from one CPU what arrives at another. */
typedef struct {
	gint stopped;
	guint32 sent;
} Sender;

static void *send_until_stopped(void *data)
{
	Sender *state = data;
	int sender = sender_open("lo");
	guint8 packet[LENGTH];

	pin(1);
	while (!g_atomic_int_get(&state->stopped)) {
		fill(packet, ++state->sent);
		g_assert_cmpint(send(sender, packet, sizeof(packet), 0), ==, LENGTH);
	}
	close(sender);
	return NULL;
}

static void run_tests(int program)
{
	guint8 packet[LENGTH];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = A_CALL);

	fill(packet, 0);
	for (guint i = 0; i < TEST_RUNS / A_CALL; i++)
		g_assert_cmpint(bpf_prog_test_run_opts(program, &options), ==, 0);
}

/* How often the kernel has not called our program at entry. */
static guint64 entry_skips(const Capture *capture)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);

	g_assert_cmpint(
		bpf_obj_get_info_by_fd(bpf_program__fd(capture->set->programs[0]), &info, &size),
		==, 0);
	return info.recursion_misses;
}

/* Each exit belongs to an entry, with the same packet. Returns how many runs have interrupted
 * another one. */
static guint check_pairs(const Capture *capture)
{
	g_autoptr(GHashTable) entries = g_hash_table_new(g_int64_hash, g_int64_equal);
	guint nested = 0, open = 0;

	for (guint i = 0; i < capture->packets->len; i++) {
		const Seen *seen = seen_at(capture, i);
		const Seen *entry = g_hash_table_lookup(entries, &seen->record.packet);

		if (seen->record.direction == XDPSHARK_ENTRY) {
			g_assert_null(entry);
			g_hash_table_insert(entries, (gpointer)&seen->record.packet,
					    (gpointer)seen);
			nested += open;
			open = 1;
			continue;
		}
		g_assert_nonnull(entry);
		g_hash_table_remove(entries, &seen->record.packet);
		g_assert_cmpmem(entry->data, LENGTH, seen->data, LENGTH);
		g_assert_cmpuint(seen->extra.duration, <=, seen->record.time - entry->record.time);
		open = 0;
	}
	return nested;
}

static guint64 sum_of_slot(const Capture *capture, guint slot)
{
	guint64 sum = 0;

	for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++)
		sum += capture_count(capture, slot, outcome);
	return sum;
}

/* One more, after all that are on their way. */
static void send_last(int program, guint32 number)
{
	int sender = sender_open("lo");
	guint64 before = program_runs(program), now;
	guint8 packet[LENGTH];

	for (; g_usleep(SETTLED), (now = program_runs(program)) != before; before = now)
		;
	fill(packet, number);
	g_assert_cmpint(send(sender, packet, sizeof(packet), 0), ==, LENGTH);
	wait_for_run(program, before);
	close(sender);
}

/* Packets arrive on the CPU where the program is test-run. */
static void check_interrupted(guint judged, guint captured, guint actions)
{
	const Options options = { .captured = captured,
				  .judged = judged,
				  .actions = actions,
				  .ring_size = RING_SIZE,
				  .snaplen = LENGTH };
	struct bpf_object *object = load();
	int leaf = program_of(object, "leaf"), stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	guint64 before, runs, skips, skipped;
	Sender sender = { 0 };
	Capture capture;
	Watched watched;
	pthread_t thread;
	guint nested;

	g_assert_cmpint(stats, >=, 0);
	watched_init(&watched, leaf, if_nametoindex("lo"));
	g_assert_cmpint(bpf_xdp_attach((int)watched.ifindex, leaf, XDP_FLAGS_SKB_MODE, NULL), ==,
			0);
	before = program_runs(leaf);
	capture_open(&capture, &watched, &options);
	g_assert_cmpint(pthread_create(&thread, NULL, send_until_stopped, &sender), ==, 0);
	run_tests(leaf);
	g_atomic_int_set(&sender.stopped, 1);
	g_assert_cmpint(pthread_join(thread, NULL), ==, 0);
	send_last(leaf, G_MAXUINT32);
	bpf_xdp_detach((int)watched.ifindex, XDP_FLAGS_SKB_MODE, NULL);
	runs = program_runs(leaf) - before;
	skips = trace_skips(capture.set);
	trace_count_skips(capture.set, skips);
	capture_end(&capture);
	nested = check_pairs(&capture);
	skipped = sum_of_slot(&capture, XDPSHARK_SLOT_SKIPPED);
	g_test_message("%" G_GUINT64_FORMAT " runs, %u captured, %u nested, %" G_GUINT64_FORMAT
		       " left out by the kernel, %" G_GUINT64_FORMAT " counted as skipped",
		       runs, capture.packets->len, nested, skips, skipped);
	g_assert_cmpuint(runs, >=, TEST_RUNS);
	g_assert_cmpuint(skipped, >=, skips);
	/* Each run was seen when it began, or is counted: by the kernel, or by ours (which count
	 * those that they miss at the end, too). */
	if (!actions && judged == XDPSHARK_AT_ENTRY) {
		guint64 seen = sum_of_slot(&capture, XDPSHARK_SLOT_ENTRY);

		if (skips > 0)
			g_assert_cmpuint(seen + entry_skips(&capture), ==, runs);
		g_assert_cmpuint(seen, <=, runs);
		g_assert_cmpuint(seen + skipped, >=, runs);
	}
	check_nothing_is_left(&capture);
	capture_close(&capture);
	close(stats);
	bpf_object__close(object);
}

static void test_interrupted(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		g_test_skip("needs two CPUs");
		return;
	}
	/* What is sent to the device arrives on the first CPU, by an interrupt. */
	run("ip link set lo up; echo 1 >/sys/class/net/lo/queues/rx-0/rps_cpus");
	pin(0);
	check_interrupted(XDPSHARK_AT_ENTRY, BOTH, 0);
	check_interrupted(BOTH, BOTH, 1U << XDP_DROP);
	check_interrupted(XDPSHARK_AT_EXIT, BOTH, 0);
}

/* The program of a devmap's entry runs behind the one that redirects there. */
static void test_devmap(void)
{
	const Options options = { .captured = BOTH, .ring_size = RING_SIZE };
	struct bpf_object *object = load();
	const guint32 key = TRACED_KEY;
	struct bpf_devmap_val entry = { .bpf_prog.fd = program_of(object, "egress") };
	guint8 packet[LENGTH];
	Watched first, second;
	Capture one, other;
	int sender;

	run("ip link add near type veth peer name far && ip link set near up && ip link set far "
	    "up");
	run("ip link add out type veth peer name peer && ip link set out up && ip link set peer "
	    "up");
	entry.ifindex = if_nametoindex("out");
	watched_init(&first, program_of(object, "a_program_with_a_long_name"),
		     if_nametoindex("far"));
	watched_init(&second, entry.bpf_prog.fd, first.ifindex);
	g_assert_cmpint(bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "devices"),
					    &key, &entry, BPF_ANY),
			==, 0);
	/* Frames only get there where there is a program. */
	g_assert_cmpint(bpf_xdp_attach((int)if_nametoindex("peer"), program_of(object, "leaf"),
				       XDP_FLAGS_DRV_MODE, NULL),
			==, 0);
	g_assert_cmpint(bpf_xdp_attach((int)first.ifindex, first.program, XDP_FLAGS_DRV_MODE, NULL),
			==, 0);
	capture_open(&one, &first, &options);
	capture_open(&other, &second, &options);
	sender = sender_open("near");
	for (guint i = 0; i < REDIRECTS; i++) {
		fill(packet, i);
		packet[14] = TRACED_DEVMAP;
		g_assert_cmpint(send(sender, packet, sizeof(packet), 0), ==, LENGTH);
	}
	close(sender);
	capture_end(&one);
	capture_end(&other);
	for (guint i = 0; i < REDIRECTS; i++) {
		g_assert_cmpmem(seen_at(&one, 2 * i)->data, LENGTH, seen_at(&other, 2 * i)->data,
				LENGTH);
		g_assert_cmpint(seen_at(&one, 2 * i + 1)->record.verdict, ==, XDP_REDIRECT);
		g_assert_cmpint(seen_at(&other, 2 * i + 1)->record.verdict, ==, XDP_PASS);
	}
	g_assert_cmpuint(check_pairs(&one) + check_pairs(&other), ==, 0);
	check_nothing_is_left(&one);
	check_nothing_is_left(&other);
	g_assert_cmpuint(one.packets->len, ==, REDIRECTS + REDIRECTS);
	g_assert_cmpuint(other.packets->len, ==, REDIRECTS + REDIRECTS);
	capture_close(&one);
	capture_close(&other);
	run("ip link del near; ip link del out");
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	object_path = argv[1];
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (geteuid() != 0 || unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
		g_print("SKIP: needs root, for a network namespace\n");
		return SKIPPED;
	}
	if (trace_refusal()) {
		g_print("SKIP: %s\n", trace_refusal());
		return SKIPPED;
	}
	g_assert_cmpint(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
	g_assert_cmpint(mount("sysfs", "/sys", "sysfs", 0, NULL), ==, 0);
	run("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; "
	    "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
	g_test_add_func("/nesting/interrupted", test_interrupted);
	g_test_add_func("/nesting/devmap", test_devmap);
	return g_test_run();
}
