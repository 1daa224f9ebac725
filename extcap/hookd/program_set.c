// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_set.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "frame_salt.h"
#include "load_error.h"
#include "ring_plan.h"

#define NS_A_SECOND G_GUINT64_CONSTANT(1000000000)
#define BRAKES_MAP  ".data.brakes"
/* With a rate limit, so large a part of a second's packets may come at once. */
#define RATE_BURST  10

void program_set_free(ProgramSet *set)
{
	if (!set)
		return;
	if (set->skeleton)
		set->destroy(set->skeleton);
	g_clear_pointer(&set->ring_plan, g_array_unref);
	g_free(set);
}

ProgramSet *program_set_new(gpointer (*open)(void), void (*destroy)(gpointer skeleton),
			    GError **error)
{
	g_autoptr(ProgramSet) set = g_new0(ProgramSet, 1);

	if (!splice_register(error))
		return NULL;
	set->destroy = destroy;
	set->skeleton = open();
	if (set->skeleton)
		return g_steal_pointer(&set);
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
		    "libbpf cannot open the capture programs: %s", g_strerror(errno));
	return NULL;
}

const Rings *program_set_rings(const ProgramSet *set)
{
	return &set->rings;
}

void program_set_beat(const ProgramSet *set, guint64 now)
{
	__atomic_store_n(set->heartbeat, now, __ATOMIC_RELAXED);
}

void program_set_brake(const ProgramSet *set, guint32 sample, gboolean paused)
{
	set->brakes->sample = sample > 1 ? G_MAXUINT32 / sample : 0;
	set->brakes->paused = paused != 0;
}

void program_set_end(const ProgramSet *set)
{
	set->brakes->ending = 1;
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

struct cbpf_program *program_set_compile(const ProgramRequest *request, enum cbpf_access access,
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

/* How far the filter looks is only known when it is compiled. */
struct cbpf_program *program_set_compile_buffer(const ProgramRequest *request, guint32 *ret_reach,
						GError **error)
{
	struct cbpf_program *compiled = program_set_compile(request, CBPF_ACCESS_PACKET, 0, error);

	if (!compiled)
		return NULL;
	*ret_reach = CLAMP(cbpf_program_reach(compiled), 1, XDPSHARK_SNAPLEN_MAX);
	cbpf_program_free(compiled);
	return program_set_compile(request, CBPF_ACCESS_BUFFER, *ret_reach, error);
}

SpliceCode program_set_code(const struct cbpf_program *filter)
{
	SpliceCode code;

	code.insns = cbpf_program_insns(filter, &code.length);
	return code;
}

static struct bpf_map *find_map(const ProgramSet *set, const char *name)
{
	return bpf_object__find_map_by_name(set->object, name);
}

/* The sizes of all maps. */
static gboolean plan_rings(ProgramSet *set, gsize ring_size, GError **error)
{
	struct bpf_map *segments = find_map(set, "xdpshark_segments");
	const Rings *rings = &set->rings;
	Cpus cpus;

	if (!cpus_read(CPU_FOLDER, &cpus, error))
		return FALSE;
	set->ring_plan = rings_plan(&set->rings, ring_size, &cpus);
	set->config->cpus = cpus.end;
	set->config->segment_size = rings->segment_size;
	bpf_map__set_max_entries(find_map(set, "xdpshark_cpus"), rings->cpu_count);
	bpf_map__set_max_entries(find_map(set, "xdpshark_rings"), set->ring_plan->len);
	bpf_map__set_value_size(segments, rings->segment_size);
	bpf_map__set_max_entries(segments, rings->segment_count);
	bpf_map__set_max_entries(find_map(set, "xdpshark_wake"), sysconf(_SC_PAGESIZE));
	return TRUE;
}

static gboolean read_salt(struct xdpshark_config *config, GError **error)
{
	guint64 salt[G_N_ELEMENTS(config->salt)];

	if (!frame_salt_read(salt, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(salt); i++)
		config->salt[i] = salt[i];
	return TRUE;
}

gboolean program_set_configure(ProgramSet *set, const ProgramRequest *request, GError **error)
{
	struct xdpshark_config *config = set->config;

	config->snaplen = CLAMP(request->snaplen, 1, XDPSHARK_SNAPLEN_MAX);
	if (request->rate > 0) {
		config->interval = NS_A_SECOND / request->rate;
		config->burst = NS_A_SECOND / RATE_BURST;
	}
	config->count_only = request->ring_size == 0;
	if (request->identity)
		config->identity = *request->identity;
	if (request->track && !read_salt(config, error))
		return FALSE;
	return plan_rings(set, request->ring_size, error);
}

gboolean program_set_continue(ProgramSet *set, const ProgramSet *first, const char *own,
			      GError **error)
{
	struct bpf_map *map;

	*set->config = *first->config;
	set->rings = first->rings;
	bpf_object__for_each_map(map, set->object)
	{
		/* Those of variables begin with the object's name, which may be another. */
		const char *name = bpf_map__name(map), *dot = strchr(name, '.');
		const struct bpf_map *shared =
			bpf_object__find_map_by_name(first->object, dot ? dot : name);
		int result = 0;

		/* The verifier takes read-only data for constants. */
		if (!strstr(name, ".rodata") && g_strcmp0(name, own) != 0)
			result = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (result == 0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot go on with the same maps: %s", g_strerror(-result));
		return FALSE;
	}
	return TRUE;
}

void program_set_reach(ProgramSet *set, const struct cbpf_program *filter, guint32 reach)
{
	guint32 uses = cbpf_program_uses(filter);

	set->config->reach = reach;
	set->config->wants_length = (uses & CBPF_USES_LENGTH) != 0;
	set->config->wants_device = (uses & ~CBPF_USES_LENGTH) != 0;
}

static void set_log(ProgramSet *set, char *log, gsize size)
{
	for (guint i = 0; i < PROGRAM_SET_MAX; i++)
		if (set->programs[i])
			bpf_program__set_log_buf(set->programs[i], log, size);
}

/* Returns 0 or a negative errno, and what the verifier said: to be freed. */
static int load_with_log(ProgramSet *set, int (*load)(gpointer skeleton), char **ret_log)
{
	gsize log_size = (gsize)256 * 1024;
	g_autofree char *log = g_malloc0(log_size);
	int result;

	set_log(set, log, log_size);
	result = load(set->skeleton);
	set_log(set, NULL, 0);
	*ret_log = g_steal_pointer(&log);
	return result;
}

/* Whether a filter that lets everything through is accepted in the place of this one. */
static gboolean is_filter_to_blame(const ProgramRequest *request, ProgramSetTry attempt,
				   gconstpointer data)
{
	static const struct sock_filter everything = BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32);
	ProgramRequest plain = *request;

	if (request->filter_length == 1)
		return FALSE;
	plain.filter = &everything;
	plain.filter_length = 1;
	return attempt(&plain, data);
}

static void find_maps(ProgramSet *set)
{
	gsize size;

	set->rings.segments = bpf_map__fd(find_map(set, "xdpshark_segments"));
	set->rings.cpus = bpf_map__fd(find_map(set, "xdpshark_cpus"));
	set->rings.control = bpf_map__fd(find_map(set, "xdpshark_ctl"));
	set->rings.wake = bpf_map__fd(find_map(set, "xdpshark_wake"));
	set->brakes = (volatile struct xdpshark_brakes *)bpf_map__initial_value(
		find_map(set, BRAKES_MAP), &size);
}

static gboolean give_rings(ProgramSet *set, GError **error)
{
	int queue = bpf_map__fd(find_map(set, "xdpshark_rings"));

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
	for (guint i = 0; i < PROGRAM_SET_MAX; i++) {
		struct bpf_prog_info info = { 0 };
		guint32 size = sizeof(info);

		if (!set->programs[i])
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(set->programs[i]), &info, &size) < 0) {
			g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
				    "cannot read back our own program: %s", g_strerror(errno));
			return FALSE;
		}
		set->ids[i] = info.id;
	}
	return TRUE;
}

static void set_load_error(const ProgramSet *set, int reason, const char *log, gboolean to_blame,
			   GError **error)
{
	if (!log[0] && (reason == ENOMEM || reason == E2BIG))
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot create %u pieces of rings of %u bytes each: %s; try a smaller "
			    "--buffer",
			    set->rings.segment_count, set->rings.segment_size, g_strerror(reason));
	else
		load_error_set(error, reason, log, to_blame);
}

gboolean program_set_load_all(ProgramSet *set, const ProgramRequest *request,
			      const SpliceCode codes[static XDPSHARK_STUBS],
			      int (*load)(gpointer skeleton), ProgramSetTry attempt,
			      gconstpointer data, GError **error)
{
	g_autofree char *log = NULL;
	int result;

	splice_begin(codes, request->kind);
	result = load_with_log(set, load, &log);
	splice_end();
	if (result != 0) {
		gboolean to_blame = log[0] && is_filter_to_blame(request, attempt, data);

		set_load_error(set, -result, log, to_blame, error);
		return FALSE;
	}
	find_maps(set);
	/* Without a plan, the rings are those of another set, and so are the brakes. */
	if (set->ring_plan) {
		program_set_brake(set, request->sample, FALSE);
		if (!give_rings(set, error))
			return FALSE;
	}
	return read_ids(set, error);
}
