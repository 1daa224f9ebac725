// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * numbered CLIENT SERVER SINK COUNT [FILE]: sends COUNT numbered frames through the example program
 * of tests/world.sh, whose namespaces these are, to the five ports in turn, and checks of each that
 * it reached the program once, and then arrived where the action of its port leads to, and nowhere
 * else, with the bytes that were left in it; that the kernel saw XDP_ABORTED for it, or no
 * exception. What has none of that was dropped. Prints how many were treated otherwise; fails if
 * there are any.
 *
 * Frames are sent by the kernel (BPF_F_TEST_XDP_LIVE_FRAMES, or clones of a packet before 5.18), no
 * more at once than the devices' queues hold: what is lost, captures have lost.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "numbered.h"

/* A veth device queues 256 frames. Two fifths of them go to one place at most. */
#define CHUNK	     200
/* Nothing of ours takes so long: then something is lost. */
#define CHUNK_LIMIT  ((gint64)20 * G_USEC_PER_SEC)
#define LOST_MAX     5
#define REPORTED_MAX 5

#define PROGRAM "/sys/fs/bpf/example"

typedef struct {
	struct bpf_object *object;
	struct treatment *treatments;
	gsize treatments_size;
	struct numbered_progress *progress;
	guint32 count;
	gboolean clones; /* the kernel does not send the frames of test runs */
} Numbered;

static void enter(const char *namespace)
{
	g_autofree char *path = g_strdup_printf("/run/netns/%s", namespace);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		g_error("cannot enter %s: %s", path, g_strerror(errno));
	close(fd);
}

static void device_mac(const char *device, guint8 mac[6])
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };

	g_strlcpy(request.ifr_name, device, sizeof(request.ifr_name));
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		g_error("no device %s: %s", device, g_strerror(errno));
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	close(fd);
}

static int program_fd(const Numbered *numbered, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(numbered->object, name));
}

static void *must_map(const struct bpf_map *map, gsize size, int protection)
{
	void *address = mmap(NULL, size, protection, MAP_SHARED, bpf_map__fd(map), 0);

	if (address == MAP_FAILED)
		g_error("mmap: %s", g_strerror(errno));
	return address;
}

static void load(Numbered *numbered, const struct numbered_config *config)
{
	struct bpf_object *object = bpf_object__open_file(NUMBERED_OBJECT, NULL);
	int target = bpf_obj_get(PROGRAM);
	struct bpf_prog_info info = { 0 };
	guint32 zero = 0, size = sizeof(info);
	struct bpf_map *treatments;

	if (!object || target < 0)
		g_error("cannot open %s or %s: %s", NUMBERED_OBJECT, PROGRAM, g_strerror(errno));
	numbered->object = object;
	treatments = bpf_object__find_map_by_name(object, "treatments");
	if (bpf_map__set_max_entries(treatments, numbered->count) < 0 ||
	    bpf_map__set_initial_value(bpf_object__find_map_by_name(object, ".rodata"), config,
				       sizeof(*config)) < 0 ||
	    bpf_object__load(object) < 0 ||
	    bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "under_test"), &zero,
				&target, BPF_ANY) < 0)
		g_error("cannot load %s: %s", NUMBERED_OBJECT, g_strerror(errno));
	close(target);
	numbered->treatments_size =
		((gsize)numbered->count * sizeof(struct treatment) + 4095) & ~(gsize)4095;
	numbered->treatments =
		must_map(treatments, numbered->treatments_size, PROT_READ | PROT_WRITE);
	numbered->progress = must_map(bpf_object__find_map_by_name(object, ".bss"),
				      sizeof(*numbered->progress), PROT_READ | PROT_WRITE);
	if (bpf_obj_get_info_by_fd(program_fd(numbered, "entry"), &info, &size) < 0)
		g_error("no program: %s", g_strerror(errno));
	numbered->progress->entry_id = info.id;
}

/* In the namespace of the device, in place of what was there. */
static void attach_xdp(const Numbered *numbered, const char *device, const char *name)
{
	int ifindex = (int)if_nametoindex(device);

	if (bpf_xdp_attach(ifindex, program_fd(numbered, name), XDP_FLAGS_DRV_MODE, NULL) < 0)
		g_error("%s takes no program: %s", device, g_strerror(errno));
}

static void attach_ingress(const Numbered *numbered, const char *device, const char *name)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(device),
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program_fd(numbered, name), .handle = 1,
		    .priority = 1, .flags = BPF_TC_F_REPLACE);
	int result = bpf_tc_hook_create(&hook);

	if ((result < 0 && result != -EEXIST) || bpf_tc_attach(&hook, &options) < 0)
		g_error("%s takes no classifier: %s", device, g_strerror(errno));
}

/* A test run puts its program into the kernel's dispatcher of XDP programs, and waits for grace
 * periods, unless the program is there because a device has it. */
static void attach_generator(const Numbered *numbered)
{
	int status;

	if (if_nametoindex("numbered0") == 0 &&
	    (!g_spawn_command_line_sync("ip link add numbered0 type veth peer name numbered1", NULL,
					NULL, &status, NULL) ||
	     status != 0))
		g_error("no device of its own");
	attach_xdp(numbered, "numbered0", "generator");
}

static struct numbered_frame *make_frame(void)
{
	static const guint8 ip[20] = { 0x45, 0, 0,  48, 0, 0, 0,  0, 64, 17,
				       0,    0, 10, 9,	0, 1, 10, 9, 0,	 2 };
	struct numbered_frame *frame = g_malloc0(sizeof(*frame) + NUMBERED_SPARE);
	guint32 sum = 0;

	frame->protocol = htons(0x0800);
	memcpy(frame->ip, ip, sizeof(ip));
	for (guint i = 0; i < sizeof(ip); i += 2)
		sum += (guint32)ip[i] << 8 | ip[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	frame->ip[10] = sum >> 8;
	frame->ip[11] = sum;
	frame->source_port = htons(0x8000);
	frame->udp_length = htons(28);
	frame->magic = NUMBERED_MAGIC;
	memset(frame->rest, NUMBERED_REST, sizeof(frame->rest));
	return frame;
}

static guint64 read_count(const __u64 *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

/* Passed, transmitted and redirected frames arrive somewhere: three of five. */
static gboolean wait_for_chunk(const Numbered *numbered, guint64 begun, guint64 arrived)
{
	gint64 deadline = g_get_monotonic_time() + CHUNK_LIMIT;

	while (read_count(&numbered->progress->begun) < begun ||
	       read_count(&numbered->progress->arrived) < arrived) {
		if (g_get_monotonic_time() > deadline)
			return FALSE;
		sched_yield();
	}
	return TRUE;
}

static void send_all(const Numbered *numbered)
{
	g_autofree struct numbered_frame *frame = make_frame();
	int program = program_fd(numbered, numbered->clones ? "cloner" : "generator");
	guint64 begun = 0, arrived = 0;
	guint lost = 0;

	for (guint32 done = 0; done < numbered->count && lost < LOST_MAX; done += CHUNK) {
		LIBBPF_OPTS(
			bpf_test_run_opts, options, .data_in = frame,
			.data_size_in = sizeof(*frame) + (numbered->clones ? 0 : NUMBERED_SPARE),
			.repeat = CHUNK, .flags = numbered->clones ? 0 : BPF_F_TEST_XDP_LIVE_FRAMES,
			.batch_size = numbered->clones ? 0 : 64);

		if (bpf_prog_test_run_opts(program, &options) < 0)
			g_error("BPF_PROG_TEST_RUN: %s", g_strerror(errno));
		begun += CHUNK;
		arrived += (guint64)CHUNK / 5 * 3;
		if (wait_for_chunk(numbered, begun, arrived))
			continue;
		printf("a frame before number %u is lost, or arrives where it should not\n",
		       done + CHUNK);
		begun = read_count(&numbered->progress->begun);
		arrived = read_count(&numbered->progress->arrived);
		lost++;
	}
}

typedef struct {
	guint64 changed; /* another exception, or arrived elsewhere */
	guint64 lost;	 /* not seen by the program, or not where the action leads to */
	guint64 twice;
	guint64 spoilt; /* other bytes */
} Deviations;

/* action: that of its port. PASS, TX and REDIRECT lead to the three places, in this order. */
static void judge(const struct treatment *seen, guint action, Deviations *sum)
{
	const guint8 arrivals[] = { seen->server, seen->client, seen->sink };

	sum->lost += seen->begun == 0;
	sum->changed += seen->exceptions != (action == XDP_ABORTED) ||
			(seen->exceptions > 0 && seen->exception != XDP_ABORTED);
	sum->twice += seen->begun > 1;
	sum->spoilt += seen->spoilt > 0;
	for (guint place = 0; place < G_N_ELEMENTS(arrivals); place++) {
		gboolean right = action == place + XDP_PASS;

		sum->lost += right && arrivals[place] == 0;
		sum->changed += !right && arrivals[place] > 0;
		sum->twice += arrivals[place] > 1;
	}
}

static guint64 all(const Deviations *sum)
{
	return sum->changed + sum->lost + sum->twice + sum->spoilt;
}

static gboolean check_all(const Numbered *numbered)
{
	Deviations sum = { 0 };
	guint reported = 0;

	for (guint32 number = 0; number < numbered->count; number++) {
		const struct treatment *seen = &numbered->treatments[number];
		guint64 before = all(&sum);

		judge(seen, number % 5, &sum);
		if (all(&sum) == before || reported++ >= REPORTED_MAX)
			continue;
		printf("frame %u, action %u: reached the program %u times, %u exceptions (the last "
		       "of action %u); seen %u times at the server, %u at the client, %u at the "
		       "sink; %u times with other bytes\n",
		       number, number % 5, seen->begun, seen->exceptions, seen->exception,
		       seen->server, seen->client, seen->sink, seen->spoilt);
	}
	printf("%u frames: %" G_GUINT64_FORMAT " changed, %" G_GUINT64_FORMAT
	       " lost, %" G_GUINT64_FORMAT " twice, %" G_GUINT64_FORMAT " with other bytes\n",
	       numbered->count, sum.changed, sum.lost, sum.twice, sum.spoilt);
	return all(&sum) == 0;
}

static gboolean run_once(const Numbered *numbered)
{
	struct numbered_progress *progress = numbered->progress;

	progress->sent = progress->begun = progress->arrived = 0;
	memset(numbered->treatments, 0, numbered->treatments_size);
	send_all(numbered);
	return check_all(numbered);
}

int main(int argc, char **argv)
{
	struct numbered_config config = { 0 };
	Numbered numbered = { 0 };
	struct bpf_link *link;
	gboolean good;

	if (argc != 5 && argc != 6)
		g_error("usage: numbered CLIENT SERVER SINK COUNT [FILE]");
	/* Whole chunks. */
	numbered.count = (strtoul(argv[4], NULL, 10) + CHUNK - 1) / CHUNK * CHUNK;
	numbered.clones =
		libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) != 1;
	enter(argv[2]);
	device_mac("server0", config.to);
	enter(argv[1]);
	device_mac("client0", config.from);
	config.ifindex = if_nametoindex("client0");
	load(&numbered, &config);
	libbpf_set_print(NULL); /* of what is there already */
	enter(argv[2]);
	attach_ingress(&numbered, "server0", "at_server");
	link = bpf_program__attach(bpf_object__find_program_by_name(numbered.object, "exception"));
	if (!link)
		g_error("no tracepoint xdp_exception: %s", g_strerror(errno));
	attach_xdp(&numbered, "server0", "entry");
	enter(argv[3]);
	attach_xdp(&numbered, "sink0", "at_sink");
	enter(argv[1]);
	attach_xdp(&numbered, "client0", "at_client");
	if (!numbered.clones)
		attach_generator(&numbered);
	do
		good = run_once(&numbered);
	while (good && argc > 5 && access(argv[5], F_OK) < 0);
	bpf_link__destroy(link);
	munmap(numbered.treatments, numbered.treatments_size);
	munmap(numbered.progress, sizeof(*numbered.progress));
	bpf_object__close(numbered.object);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
