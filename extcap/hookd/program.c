// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "config.h"
#include "device_code.h"
#include "load_error.h"
#include "ring_plan.h"
#include "splice.h"
/* after config.h, whose types it uses */
#include "hook.skel.h"

#define NS_A_SECOND G_GUINT64_CONSTANT(1000000000)
/* With a rate limit, so large a part of a second's packets may come at once. */
#define RATE_BURST  10

/* Other captures look for it there. */
_Static_assert(offsetof(struct hook_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

struct ProgramSet {
	struct hook_bpf *skeleton;
	struct bpf_program *programs[XDPSHARK_ACTIONS]; /* NULL: not asked for */
	guint32 ids[XDPSHARK_ACTIONS];
	Rings rings;
	GArray *ring_plan; /* struct xdpshark_ring */
};

static struct cbpf_program *compile(const ProgramRequest *request, enum cbpf_access access,
				    guint32 buffer_size, GError **error)
{
	const struct cbpf_options options = {
		.size = sizeof(options),
		.access = access,
		.buffer_size = buffer_size,
	};
	struct cbpf_program *compiled = NULL;
	struct cbpf_error reason;

	if (cbpf_compile(request->filter, request->filter_length, &options, &compiled, &reason) ==
	    0)
		return compiled;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_FILTER, "the filter cannot run in XDP: %s",
		    reason.text);
	return NULL;
}

static void set_log(ProgramSet *set, char *log, gsize size)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (set->programs[action])
			bpf_program__set_log_buf(set->programs[action], log, size);
}

/* Whether a filter that lets everything through is accepted in the place of this one. */
static gboolean is_filter_to_blame(const ProgramRequest *request)
{
	static const struct sock_filter everything = BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32);
	ProgramRequest plain = *request;
	g_autoptr(ProgramSet) set = NULL;

	if (request->filter_length == 1)
		return FALSE;
	plain.filter = &everything;
	plain.filter_length = 1;
	set = program_set_load(&plain, NULL);
	return set != NULL;
}

/* Returns 0 or a negative errno, and what the verifier said: to be freed. */
static int load_skeleton(ProgramSet *set, char **ret_log)
{
	gsize log_size = (gsize)256 * 1024;
	g_autofree char *log = g_malloc0(log_size);
	int result;

	set_log(set, log, log_size);
	result = hook_bpf__load(set->skeleton);
	set_log(set, NULL, 0);
	*ret_log = g_steal_pointer(&log);
	return result;
}

/* libbpf's probe loads a program that calls the helper. The answer stays the same, but where it
 * could not be had. */
static gboolean has_load_bytes(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL);
	return known == 1;
}

/* The sizes of all maps. */
static gboolean plan_rings(ProgramSet *set, gsize ring_size, GError **error)
{
	struct hook_bpf *skeleton = set->skeleton;
	const Rings *rings = &set->rings;
	Cpus cpus;

	if (!cpus_read(CPU_FOLDER, &cpus, error))
		return FALSE;
	set->ring_plan = rings_plan(&set->rings, ring_size, &cpus);
	skeleton->rodata->config.cpus = cpus.end;
	skeleton->rodata->config.segment_size = rings->segment_size;
	bpf_map__set_max_entries(skeleton->maps.xdpshark_cpus, rings->cpu_count);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_heads, cpus.end);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_rings, set->ring_plan->len);
	bpf_map__set_value_size(skeleton->maps.xdpshark_segments, rings->segment_size);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_segments, rings->segment_count);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_wake, sysconf(_SC_PAGESIZE));
	return TRUE;
}

static gboolean configure(ProgramSet *set, const ProgramRequest *request, GError **error)
{
	struct hook_bpf *skeleton = set->skeleton;
	struct bpf_program *programs[XDPSHARK_ACTIONS] = {
		skeleton->progs.xdpshark_abort, skeleton->progs.xdpshark_drop,
		skeleton->progs.xdpshark_pass,	skeleton->progs.xdpshark_tx,
		skeleton->progs.xdpshark_redir,
	};

	if (!plan_rings(set, request->ring_size, error))
		return FALSE;
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		gboolean wanted = request->actions >> action & 1;

		bpf_program__set_autoload(programs[action], wanted);
		set->programs[action] = wanted ? programs[action] : NULL;
	}
	skeleton->rodata->config.snaplen = CLAMP(request->snaplen, 1, XDPSHARK_SNAPLEN_MAX);
	if (request->sample > 1)
		skeleton->rodata->config.sample = G_MAXUINT32 / request->sample;
	if (request->rate > 0) {
		skeleton->rodata->config.interval = NS_A_SECOND / request->rate;
		skeleton->rodata->config.burst = NS_A_SECOND / RATE_BURST;
	}
	if (request->identity)
		skeleton->rodata->config.identity = *request->identity;
	skeleton->rodata->config.fragments = (request->kind->flags & BPF_F_XDP_HAS_FRAGS) != 0;
	skeleton->rodata->config.load_bytes = has_load_bytes();
	if (!skeleton->rodata->config.load_bytes)
		g_info("the kernel has no bpf_xdp_load_bytes (5.18): packets are copied with "
		       "bpf_probe_read_kernel");
	return TRUE;
}

static gboolean take_rings(ProgramSet *set, GError **error)
{
	int queue = bpf_map__fd(set->skeleton->maps.xdpshark_rings);

	set->rings.segments = bpf_map__fd(set->skeleton->maps.xdpshark_segments);
	set->rings.cpus = bpf_map__fd(set->skeleton->maps.xdpshark_cpus);
	set->rings.control = bpf_map__fd(set->skeleton->maps.xdpshark_ctl);
	set->rings.wake = bpf_map__fd(set->skeleton->maps.xdpshark_wake);
	for (guint i = 0; i < set->ring_plan->len; i++)
		if (bpf_map_update_elem(queue, NULL,
					&g_array_index(set->ring_plan, struct xdpshark_ring, i),
					BPF_ANY) < 0) {
			g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
				    "cannot give the CPUs their rings: %s", g_strerror(errno));
			return FALSE;
		}
	return TRUE;
}

static gboolean read_ids(ProgramSet *set, GError **error)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		struct bpf_prog_info info = { 0 };
		guint32 size = sizeof(info);

		if (!set->programs[action])
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(set->programs[action]), &info, &size) <
		    0) {
			g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
				    "cannot read back our own program: %s", g_strerror(errno));
			return FALSE;
		}
		set->ids[action] = info.id;
	}
	return TRUE;
}

static void set_load_error(const ProgramSet *set, const ProgramRequest *request, int reason,
			   const char *log, GError **error)
{
	if (!log[0] && (reason == ENOMEM || reason == E2BIG))
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot create %u pieces of rings of %u bytes each: %s; try a smaller "
			    "--buffer",
			    set->rings.segment_count, set->rings.segment_size, g_strerror(reason));
	else
		load_error_set(error, reason, log, log[0] && is_filter_to_blame(request));
}

static void set_filter(SpliceCode *code, const struct cbpf_program *filter)
{
	code->insns = cbpf_program_insns(filter, &code->length);
}

static gboolean load_filters(ProgramSet *set, const ProgramRequest *request,
			     const struct cbpf_program *packet, const struct cbpf_program *buffer,
			     guint32 reach, GError **error)
{
	guint32 uses = cbpf_program_uses(packet);
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };
	g_autofree char *log = NULL;
	int result;

	set_filter(&codes[XDPSHARK_STUB_PACKET], packet);
	if (buffer)
		set_filter(&codes[XDPSHARK_STUB_BUFFER], buffer);
	if (request->names_device)
		set->skeleton->rodata->config.names_device =
			device_code_get(&codes[XDPSHARK_STUB_READ], &codes[XDPSHARK_STUB_COMPARE]);

	set->skeleton->rodata->config.reach = reach;
	set->skeleton->rodata->config.wants_length = (uses & CBPF_USES_LENGTH) != 0;
	set->skeleton->rodata->config.wants_device = (uses & ~CBPF_USES_LENGTH) != 0;
	bpf_map__set_value_size(set->skeleton->maps.xdpshark_heads, reach);
	splice_begin(codes, request->kind);
	result = load_skeleton(set, &log);
	splice_end();
	if (result != 0)
		set_load_error(set, request, -result, log, error);
	return result == 0;
}

ProgramSet *program_set_load(const ProgramRequest *request, GError **error)
{
	g_autoptr(ProgramSet) set = g_new0(ProgramSet, 1);
	struct cbpf_program *packet, *buffer = NULL;
	gboolean loaded = FALSE;
	guint32 reach;

	if (!splice_register(error))
		return NULL;
	set->skeleton = hook_bpf__open();
	if (!set->skeleton) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "libbpf cannot open the capture programs: %s", g_strerror(errno));
		return NULL;
	}
	if (!configure(set, request, error))
		return NULL;
	packet = compile(request, CBPF_ACCESS_PACKET, 0, error);
	if (!packet)
		return NULL;
	reach = CLAMP(cbpf_program_reach(packet), 1, XDPSHARK_SNAPLEN_MAX);
	if (request->kind->flags & BPF_F_XDP_HAS_FRAGS)
		buffer = compile(request, CBPF_ACCESS_BUFFER, reach, error);
	if (buffer || !(request->kind->flags & BPF_F_XDP_HAS_FRAGS))
		loaded = load_filters(set, request, packet, buffer, reach, error);
	cbpf_program_free(packet);
	cbpf_program_free(buffer);
	if (!loaded || !take_rings(set, error) || !read_ids(set, error))
		return NULL;
	return g_steal_pointer(&set);
}

void program_set_free(ProgramSet *set)
{
	if (!set)
		return;
	hook_bpf__destroy(set->skeleton);
	g_clear_pointer(&set->ring_plan, g_array_unref);
	g_free(set);
}

int program_set_fd(const ProgramSet *set, guint action)
{
	return set->programs[action] ? bpf_program__fd(set->programs[action]) : -1;
}

guint32 program_set_id(const ProgramSet *set, guint action)
{
	return set->ids[action];
}

const Rings *program_set_rings(const ProgramSet *set)
{
	return &set->rings;
}

int program_set_next(const ProgramSet *set)
{
	return bpf_map__fd(set->skeleton->maps.xdpshark_next);
}

void program_set_beat(const ProgramSet *set, guint64 now)
{
	__atomic_store_n(&set->skeleton->bss->heartbeat, now, __ATOMIC_RELAXED);
}

/* Any update of a map of maps by the system call waits for a grace period: the kernel's
 * maybe_wait_bpf_programs(), commit 1ae80cf31938. */
void program_set_quiesce(const ProgramSet *set)
{
	int inner = set->rings.control;
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (guint32)inner);
	int outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "xdpshark_wait", sizeof(guint32),
				   sizeof(guint32), 1, &options);
	guint32 zero = 0;

	if (outer < 0 || bpf_map_update_elem(outer, &zero, &inner, BPF_ANY) < 0)
		g_warning("cannot wait for the programs to end: %s", g_strerror(errno));
	if (outer >= 0)
		close(outer);
}

gboolean program_check_filter(const struct sock_filter *filter, gsize length, GError **error)
{
	const ProgramRequest request = {
		.filter = filter,
		.filter_length = length,
		.snaplen = XDPSHARK_SNAPLEN_MAX,
		.actions = 1U << XDP_PASS, /* one is enough: they differ in a constant only */
		.ring_size = sysconf(_SC_PAGESIZE),
		.kind = &kind_plain,
	};
	g_autoptr(ProgramSet) set = program_set_load(&request, error);

	return set != NULL;
}
