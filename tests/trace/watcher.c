// SPDX-License-Identifier: GPL-2.0-or-later
#include "watcher.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "ring.h"
#include "xdp_function.h"

#define LIMIT	  (120 * G_USEC_PER_SEC)
#define RING_SIZE ((gsize)1024 * 1024)

void run(const char *command)
{
	g_assert_cmpint(system(command), ==, 0);
}

void watched_init(Watched *watched, int program, guint32 ifindex)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);

	g_assert_cmpint(bpf_obj_get_info_by_fd(program, &info, &size), ==, 0);
	*watched = (Watched){ .program = program, .id = info.id, .ifindex = ifindex };
}

static void *map(int fd, gsize size)
{
	void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	g_assert_true(address != MAP_FAILED);
	return address;
}

static const struct sock_filter of_ethertype[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88b5, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static guint64 own_cookie(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	guint64 cookie = 0;
	socklen_t size = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
		cookie = 0;
	close(fd);
	return cookie;
}

guint64 program_runs(int program)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);

	g_assert_cmpint(bpf_obj_get_info_by_fd(program, &info, &size), ==, 0);
	return info.run_cnt;
}

void wait_for_run(int program, guint64 before)
{
	gint64 end = g_get_monotonic_time() + LIMIT;

	while (program_runs(program) == before) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_usleep(1000);
	}
}

void capture_open(Capture *capture, const Watched *watched, const Options *options)
{
	ProgramRequest request = {
		.filter = options->filter ? options->filter : of_ethertype,
		.filter_length =
			options->filter ? options->filter_length : G_N_ELEMENTS(of_ethertype),
		.snaplen = options->snaplen ? options->snaplen : XDPSHARK_SNAPLEN_MAX,
		.ring_size = options->ring_size ? options->ring_size : RING_SIZE,
	};
	g_autofree char *function = xdp_function_name(watched->program);
	TraceTarget target = {
		.program = watched->id,
		.fd = options->dispatcher ? -1 : watched->program,
		.function = options->dispatcher ? NULL : function,
		.ifindex = watched->ifindex,
		.namespace_cookie = own_cookie(),
		.captured = options->captured,
		.judged = options->judged ? options->judged : XDPSHARK_AT_ENTRY,
		.actions = options->actions,
	};
	g_autoptr(GError) error = NULL;
	const Rings *rings;
	struct stat st;

	g_assert_cmpint(stat("/proc/self/ns/net", &st), ==, 0);
	target.namespace = st.st_ino;
	capture->packets = g_array_new(FALSE, TRUE, sizeof(Seen));
	capture->set = trace_load(&request, &target, &error);
	g_assert_no_error(error);
	rings = program_set_rings(capture->set);
	capture->cpus = map(rings->cpus, rings->cpu_count * sizeof(struct xdpshark_cpu));
	capture->segments = map(rings->segments, (gsize)rings->segment_count * rings->segment_size);
	program_set_beat(capture->set, G_MAXINT64);
	trace_attach(capture->set, &capture->links, &error);
	g_assert_no_error(error);
}

static int compare(const void *one, const void *other)
{
	const Seen *a = one, *b = other;

	if (a->record.packet != b->record.packet)
		return a->record.time < b->record.time ? -1 : 1;
	return (int)a->record.direction - (int)b->record.direction;
}

void capture_end(Capture *capture)
{
	const Rings *rings = program_set_rings(capture->set);

	program_set_end(capture->set);
	trace_detach(&capture->links);
	program_set_quiesce(capture->set);
	for (guint i = 0; i < rings->cpu_count; i++) {
		RingPacket packet;
		Ring ring;

		if (capture->cpus[i].segments == 0)
			continue;
		g_assert_true(ring_init(&ring, &capture->cpus[i], capture->segments,
					rings->segment_count, rings->segment_size));
		for (ring_look(&ring); ring.time != RING_EMPTY;) {
			Seen seen = { 0 };

			ring_take(&ring, &packet);
			seen.record = *packet.record;
			if (seen.record.kind == XDPSHARK_KIND_DEVICE)
				continue;
			seen.record.captured_length = packet.captured_length;
			g_assert_cmpuint(packet.extra, ==, sizeof(seen.extra));
			memcpy(&seen.extra, packet.record->data, sizeof(seen.extra));
			g_assert_cmpuint(packet.captured_length, <=, sizeof(seen.data));
			memcpy(seen.data, packet.data, packet.captured_length);
			g_array_append_val(capture->packets, seen);
		}
		g_assert_cmpuint(ring.damage, ==, 0);
	}
	g_array_sort(capture->packets, compare);
}

const Seen *seen_at(const Capture *capture, guint at)
{
	g_assert_cmpuint(at, <, capture->packets->len);
	return &g_array_index(capture->packets, Seen, at);
}

guint64 capture_count(const Capture *capture, guint slot, guint outcome)
{
	const Rings *rings = program_set_rings(capture->set);
	guint64 sum = 0;

	for (guint i = 0; i < rings->cpu_count; i++)
		sum += capture->cpus[i].outcomes[slot][outcome];
	return sum;
}

/* As in bpf/run.bpf.h: the context comes first. */
#define RUNS	  4
#define RUN_WORDS ((gsize)88 / 8)

void check_nothing_is_left(const Capture *capture)
{
	const struct bpf_map *runs =
		bpf_object__find_map_by_name(capture->set->object, "xdpshark_runs");
	gsize size = bpf_map__value_size(runs);
	g_autofree guint64 *words = g_malloc0(size);

	for (guint32 cpu = 0; cpu < bpf_map__max_entries(runs); cpu++) {
		g_assert_cmpint(bpf_map_lookup_elem(bpf_map__fd(runs), &cpu, words), ==, 0);
		for (guint i = 0; i < RUNS; i++)
			g_assert_cmpuint(words[i * RUN_WORDS], ==, 0);
	}
}

void capture_close(Capture *capture)
{
	program_set_free(capture->set);
	g_array_unref(capture->packets);
}
