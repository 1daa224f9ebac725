// SPDX-License-Identifier: GPL-2.0-or-later
#include "rig.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define SKIPPED 77

/* A reader looks at its ring each millisecond: so much comes in between, 10,000 small packets. */
#define MILLISECOND_BYTES ((gsize)1024 * 1024)

static const ProgramKind kind = { BPF_F_XDP_HAS_FRAGS, BPF_XDP, "XDP with fragments" };

struct Rig {
	struct bpf_object *object;
	GPtrArray *hooks; /* struct bpf_object *, each with a hook of its own */
};

struct Drain {
	/* of a ring of the product's, else NULL */
	struct xdpshark_cpu *state;
	guint32 offset; /* at the last look */
	/* of perf */
	gulong *consumer;
	const gulong *producer;
	gsize size;
	int fd; /* of a perf event, or -1 */
	void *mapped[2];
	gsize mapped_size;
	Drain *others; /* emptied with it, or NULL */
};

static void *must_map(int fd, gsize size, int protection, gsize offset)
{
	void *address = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)offset);

	if (address == MAP_FAILED)
		g_error("mmap: %s", g_strerror(errno));
	return address;
}

static int ignore(enum libbpf_print_level level G_GNUC_UNUSED, const char *format G_GNUC_UNUSED,
		  va_list arguments G_GNUC_UNUSED)
{
	return 0;
}

static struct bpf_object *load_object(void)
{
	struct bpf_object *object = bpf_object__open_file(BENCH_OBJECT, NULL);

	if (!object || bpf_object__load(object) < 0)
		g_error("cannot load %s: %s", BENCH_OBJECT, g_strerror(errno));
	return object;
}

/* A test run puts its program into the kernel's dispatcher of XDP programs, and waits twice for a
 * grace period, unless the program is there already because a device has it. */
static void attach_to_device(guint number, int program)
{
	g_autofree char *command =
		g_strdup_printf("ip link add bench%u type veth peer name other%u", number, number);
	g_autofree char *name = g_strdup_printf("bench%u", number);
	int status = -1;

	if (!g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) || status != 0)
		g_error("fails: %s", command);
	if (bpf_xdp_attach((int)if_nametoindex(name), program, XDP_FLAGS_DRV_MODE, NULL) < 0)
		g_error("%s takes no XDP program: %s", name, g_strerror(errno));
}

Rig *rig_new(void)
{
	Rig *rig;

	libbpf_set_print(ignore);
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) != 1) {
		printf("SKIP: needs root and a kernel with bpf_xdp_load_bytes (5.18)\n");
		exit(SKIPPED);
	}
	if (unshare(CLONE_NEWNET) < 0)
		g_error("no network namespace of its own: %s", g_strerror(errno));
	rig = g_new0(Rig, 1);
	rig->object = load_object();
	rig->hooks = g_ptr_array_new_with_free_func((GDestroyNotify)bpf_object__close);
	attach_to_device(0, rig_program(rig, "empty"));
	return rig;
}

void rig_free(Rig *rig)
{
	g_ptr_array_unref(rig->hooks);
	bpf_object__close(rig->object);
	g_free(rig);
}

/* What libpcap makes of the filter `port PORT`: tcpdump -dd. */
#define PORT_FILTER(PORT)                                                                          \
	{                                                                                          \
		{ 0x28, 0, 0, 12 }, { 0x15, 0, 8, 0x86dd }, { 0x30, 0, 0, 20 },                    \
			{ 0x15, 2, 0, 0x84 }, { 0x15, 1, 0, 6 }, { 0x15, 0, 17, 0x11 },            \
			{ 0x28, 0, 0, 54 }, { 0x15, 14, 0, PORT }, { 0x28, 0, 0, 56 },             \
			{ 0x15, 12, 13, PORT }, { 0x15, 0, 12, 0x800 }, { 0x30, 0, 0, 23 },        \
			{ 0x15, 2, 0, 0x84 }, { 0x15, 1, 0, 6 }, { 0x15, 0, 8, 0x11 },             \
			{ 0x28, 0, 0, 20 }, { 0x45, 6, 0, 0x1fff }, { 0xb1, 0, 0, 14 },            \
			{ 0x48, 0, 0, 14 }, { 0x15, 2, 0, PORT }, { 0x48, 0, 0, 16 },              \
			{ 0x15, 0, 1, PORT }, { 0x06, 0, 0, 262144 }, { 0x06, 0, 0, 0 },           \
	}
static const struct sock_filter all[] = { { 0x06, 0, 0, 262144 } };
static const struct sock_filter this_port[] = PORT_FILTER(RIG_PORT);
static const struct sock_filter other_port[] = PORT_FILTER(RIG_PORT + 1);

static const struct {
	const struct sock_filter *code;
	gsize length;
} filters[] = {
	[RIG_FILTER_ALL] = { all, G_N_ELEMENTS(all) },
	[RIG_FILTER_MATCH] = { this_port, G_N_ELEMENTS(this_port) },
	[RIG_FILTER_NO_MATCH] = { other_port, G_N_ELEMENTS(other_port) },
};

ProgramSet *rig_capture(RigFilter filter, guint32 snaplen, gsize ring_size)
{
	g_autoptr(GError) error = NULL;
	ProgramRequest request = {
		.filter = filters[filter].code,
		.filter_length = filters[filter].length,
		.snaplen = snaplen,
		.actions = 1U << XDP_DROP,
		.ring_size = ring_size,
		.kind = &kind,
		.names_device = TRUE,
	};
	ProgramSet *set = program_set_load(&request, &error);

	if (!set)
		g_error("cannot load the capture programs: %s", error->message);
	/* The programs copy nothing for a capture without a heartbeat: this one is in the distant
	 * future. */
	program_set_beat(set, G_MAXINT64);
	return set;
}

int rig_program(const Rig *rig, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(rig->object, name));
}

int rig_hook(Rig *rig, int program)
{
	struct bpf_object *object = load_object();
	int hooked, hook = bpf_object__find_map_fd_by_name(object, "bench_hook");
	guint32 slot = XDP_DROP;

	g_ptr_array_add(rig->hooks, object);
	if (program >= 0 && bpf_map_update_elem(hook, &slot, &program, BPF_ANY) < 0)
		g_error("the hook takes no program: %s", g_strerror(errno));
	hooked = bpf_program__fd(bpf_object__find_program_by_name(object, "hooked"));
	attach_to_device(rig->hooks->len, hooked);
	return hooked;
}

int rig_empty(Rig *rig, char **ret_device)
{
	struct bpf_object *object = load_object();
	int empty = bpf_program__fd(bpf_object__find_program_by_name(object, "empty"));

	g_ptr_array_add(rig->hooks, object);
	attach_to_device(rig->hooks->len, empty);
	if (ret_device)
		*ret_device = g_strdup_printf("bench%u", rig->hooks->len);
	return empty;
}

guint32 rig_id(int program)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		g_error("a program has no id: %s", g_strerror(errno));
	return info.id;
}

void rig_namespace(guint64 *ret_cookie, guint64 *ret_inode)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(*ret_cookie);
	struct stat st;

	*ret_cookie = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret_cookie, &size) < 0)
		*ret_cookie = 0;
	close(fd);
	if (stat("/proc/self/ns/net", &st) < 0)
		g_error("no network namespace: %s", g_strerror(errno));
	*ret_inode = st.st_ino;
}

ProgramSet *rig_trace(const TraceTarget *target, RigFilter filter, guint32 snaplen, gsize ring_size)
{
	const ProgramRequest request = {
		.filter = filters[filter].code,
		.filter_length = filters[filter].length,
		.snaplen = snaplen,
		.ring_size = ring_size,
	};
	g_autoptr(GError) error = NULL;
	ProgramSet *set = trace_load(&request, target, &error);

	if (!set)
		g_error("cannot load the programs that watch others: %s", error->message);
	program_set_beat(set, G_MAXINT64);
	return set;
}

guint8 *rig_packet(gsize size)
{
	static const guint8 head[] = {
		2,    0, 0, 0,	      0, 2, 2, 0, 0,  0,  0, 1, 8,  0, /* Ethernet */
		0x45, 0, 0, 0,	      0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2, /* IPv4 */
		0x80, 0, 0, RIG_PORT, 0, 0, 0, 0,					  /* UDP */
	};
	guint8 *packet = g_malloc0(size);

	memcpy(packet, head, sizeof(head));
	return packet;
}

Drain *drain_ring(const ProgramSet *set, guint cpu, gsize ring_size)
{
	const Rings *rings = program_set_rings(set);
	Drain *drain = g_new0(Drain, 1);
	struct xdpshark_cpu *states;

	drain->mapped_size = rings->cpu_count * sizeof(struct xdpshark_cpu);
	states = must_map(rings->cpus, drain->mapped_size, PROT_READ | PROT_WRITE, 0);
	drain->mapped[0] = states;
	drain->state = &states[cpu];
	drain->size = ring_size;
	drain->fd = -1;
	return drain;
}

Drain *drain_perf(const Rig *rig, const char *map, guint cpu, gsize size, gboolean wake_each)
{
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = !wake_each,
	};
	int map_fd = bpf_object__find_map_fd_by_name(rig->object, map);
	gsize page = sysconf(_SC_PAGESIZE);
	Drain *drain = g_new0(Drain, 1);
	struct perf_event_mmap_page *control;

	if (wake_each)
		attributes.wakeup_events = 1;
	else
		attributes.wakeup_watermark = size / 2;
	drain->fd =
		(int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (drain->fd < 0 || bpf_map_update_elem(map_fd, &cpu, &drain->fd, BPF_ANY) < 0)
		g_error("perf event: %s", g_strerror(errno));
	control = must_map(drain->fd, page + size, PROT_READ | PROT_WRITE, 0);
	drain->mapped_size = page + size;
	drain->mapped[0] = control;
	drain->consumer = (gulong *)&control->data_tail;
	drain->producer = (gulong *)&control->data_head;
	drain->size = size;
	return drain;
}

Drain *drain_join(Drain *first, Drain *others)
{
	first->others = others;
	return first;
}

void drain_free(Drain *drain)
{
	if (!drain)
		return;
	drain_free(drain->others);
	for (guint i = 0; i < G_N_ELEMENTS(drain->mapped); i++)
		if (drain->mapped[i])
			munmap(drain->mapped[i], drain->mapped_size);
	if (drain->fd >= 0)
		close(drain->fd);
	g_free(drain);
}

/* Empties the ring. Returns how many bytes were in it, if it was not much. */
static gsize drain_now(Drain *drain)
{
	gulong position;
	gsize filled;

	if (drain->others)
		drain_now(drain->others);
	if (drain->state) {
		const struct xdpshark_cpu *state = drain->state;

		filled = state->offset - (state->offset > drain->offset ? drain->offset : 0);
		drain->offset = state->offset;
		/* all but the one that is being filled */
		__atomic_store_n(&drain->state->freed, state->taken - MIN(state->taken, 1),
				 __ATOMIC_RELEASE);
		return filled;
	}
	position = __atomic_load_n(drain->producer, __ATOMIC_ACQUIRE);
	filled = position - *drain->consumer;
	__atomic_store_n(drain->consumer, position, __ATOMIC_RELEASE);
	return filled;
}

static guint64 run(int program, const guint8 *packet, gsize size, guint count)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = size,
		    .repeat = (int)count);

	if (bpf_prog_test_run_opts(program, &options) < 0)
		g_error("BPF_PROG_TEST_RUN of %zu bytes: %s", size, g_strerror(errno));
	if (options.retval != XDP_DROP)
		g_error("a program returned %u", options.retval);
	return options.duration;
}

gdouble rig_run(int program, const guint8 *packet, gsize size, guint count, Drain *drain)
{
	gdouble total = 0;
	guint piece = count;

	if (drain) {
		/* One packet tells how many fit; the first is not measured. */
		drain_now(drain);
		run(program, packet, size, 1);
		gsize each = drain_now(drain);
		/* perf_event_output and the ring both emit, or the bench measures nothing */
		if (each > 0)
			piece = CLAMP(MIN(drain->size / 4, MILLISECOND_BYTES) / each, 1, count);
	}
	for (guint done = 0; done < count; done += piece) {
		piece = MIN(piece, count - done);
		total += (gdouble)run(program, packet, size, piece) * piece;
		if (drain)
			drain_now(drain);
	}
	return total / count;
}

#define WARM_PASSES 8
#define WARM_LENGTH 3000

guint64 rig_warm(int program, Drain *drain)
{
	g_autofree guint8 *packet = rig_packet(WARM_LENGTH);
	guint64 packets = 1 + WARM_PASSES * (drain->size / WARM_LENGTH);

	rig_run(program, packet, WARM_LENGTH, (guint)packets - 1, drain);
	return packets;
}

void rig_pin(guint cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		g_error("cannot run on CPU %u: %s", cpu, g_strerror(errno));
}

static int compare(const void *left, const void *right)
{
	gdouble a = *(const gdouble *)left, b = *(const gdouble *)right;

	return (a > b) - (a < b);
}

gdouble rig_median(gdouble *values, guint count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
