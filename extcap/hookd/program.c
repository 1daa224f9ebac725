// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "config.h"
#include "device_code.h"
#include "splice.h"
/* after config.h, whose types it uses */
#include "hook.skel.h"

/* Other captures look for it there. */
_Static_assert(offsetof(struct hook_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

PROGRAM_SET_SKELETON(hook)

/* libbpf's probe loads a program that calls the helper. The answer stays the same, but where it
 * could not be had. */
static gboolean has_load_bytes(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL);
	return known == 1;
}

/* A map in bpf/hook.bpf.c, which is as long as the filter looks. */
#define HEADS_MAP "xdpshark_heads"

static void choose_actions(ProgramSet *set, guint actions)
{
	const struct hook_bpf *skeleton = skeleton_of(set);
	struct bpf_program *programs[XDPSHARK_ACTIONS] = {
		skeleton->progs.xdpshark_abort, skeleton->progs.xdpshark_drop,
		skeleton->progs.xdpshark_pass,	skeleton->progs.xdpshark_tx,
		skeleton->progs.xdpshark_redir,
	};

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		gboolean wanted = actions >> action & 1;

		bpf_program__set_autoload(programs[action], wanted);
		set->programs[action] = wanted ? programs[action] : NULL;
	}
}

static gboolean configure(ProgramSet *set, const ProgramRequest *request, GError **error)
{
	if (!program_set_configure(set, request, error))
		return FALSE;
	choose_actions(set, request->actions);
	bpf_map__set_max_entries(skeleton_of(set)->maps.xdpshark_heads, set->config->cpus);
	set->config->fragments = (request->kind->flags & BPF_F_XDP_HAS_FRAGS) != 0;
	set->config->load_bytes = has_load_bytes();
	if (!set->config->load_bytes)
		g_info("the kernel has no bpf_xdp_load_bytes (5.18): packets are copied with "
		       "bpf_probe_read_kernel");
	return TRUE;
}

static gboolean is_accepted(const ProgramRequest *request, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(ProgramSet) set = program_set_load(request, NULL);

	return set != NULL;
}

static gboolean load_filters(ProgramSet *set, const ProgramRequest *request,
			     const struct cbpf_program *packet, const struct cbpf_program *buffer,
			     guint32 reach, GError **error)
{
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };

	codes[XDPSHARK_STUB_PACKET] = program_set_code(packet);
	if (buffer)
		codes[XDPSHARK_STUB_BUFFER] = program_set_code(buffer);
	if (request->names_device)
		set->config->names_device =
			device_code_get(&codes[XDPSHARK_STUB_READ], &codes[XDPSHARK_STUB_COMPARE]);
	program_set_reach(set, packet, reach);
	bpf_map__set_value_size(skeleton_of(set)->maps.xdpshark_heads, reach);
	return program_set_load_all(set, request, codes, load_skeleton, is_accepted, NULL, error);
}

static gboolean compile_and_load(ProgramSet *set, const ProgramRequest *request, GError **error)
{
	struct cbpf_program *packet, *buffer = NULL;
	gboolean loaded = FALSE;
	guint32 reach;

	packet = program_set_compile(request, CBPF_ACCESS_PACKET, 0, error);
	if (!packet)
		return FALSE;
	reach = CLAMP(cbpf_program_reach(packet), 1, XDPSHARK_SNAPLEN_MAX);
	if (request->kind->flags & BPF_F_XDP_HAS_FRAGS)
		buffer = program_set_compile(request, CBPF_ACCESS_BUFFER, reach, error);
	if (buffer || !(request->kind->flags & BPF_F_XDP_HAS_FRAGS))
		loaded = load_filters(set, request, packet, buffer, reach, error);
	cbpf_program_free(packet);
	cbpf_program_free(buffer);
	return loaded;
}

ProgramSet *program_set_load(const ProgramRequest *request, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);

	if (!set || !configure(set, request, error) || !compile_and_load(set, request, error))
		return NULL;
	return g_steal_pointer(&set);
}

ProgramSet *program_set_load_again(const ProgramSet *first, const ProgramRequest *request,
				   GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);

	if (!set || !program_set_continue(set, first, HEADS_MAP, error))
		return NULL;
	choose_actions(set, request->actions);
	set->config->version = request->version;
	bpf_map__set_max_entries(skeleton_of(set)->maps.xdpshark_heads, set->config->cpus);
	if (!compile_and_load(set, request, error))
		return NULL;
	return g_steal_pointer(&set);
}

int program_set_fd(const ProgramSet *set, guint action)
{
	return set->programs[action] ? bpf_program__fd(set->programs[action]) : -1;
}

guint32 program_set_id(const ProgramSet *set, guint action)
{
	return set->ids[action];
}

int program_set_next(const ProgramSet *set)
{
	return bpf_map__fd(skeleton_of(set)->maps.xdpshark_next);
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
