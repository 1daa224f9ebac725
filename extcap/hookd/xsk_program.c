// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_program.h"

#include <linux/if_packet.h>

#include <bpf/libbpf.h>

#include "kernel_symbol.h"
#include "xsk_record.h"
/* after xsk_record.h, whose types it uses */
#include "xsk.skel.h"

/* Other captures look for it there. */
_Static_assert(offsetof(struct xsk_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

/* As in bpf/fragments.bpf.h. */
#define PIECE 4096

/* Everything that is sent past the queueing goes through it, as by AF_XDP sockets in copy mode. */
#define FUNCTION "__dev_direct_xmit"

PROGRAM_SET_SKELETON(xsk)

static gboolean is_accepted(const ProgramRequest *request, gconstpointer target)
{
	g_autoptr(ProgramSet) set = xsk_program_load(request, target, NULL);

	return set != NULL;
}

/* Between two devices it is none: the programs read these one after the other. */
void xsk_program_watch(const ProgramSet *set, const XskTarget *target)
{
	struct xdpshark_xsk_device *device = (void *)&skeleton_of(set)->bss->xsk_device;
	guint64 namespace = target->namespace_cookie ? target->namespace_cookie : target->namespace;

	__atomic_store_n(&device->ifindex, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&device->namespace, namespace, __ATOMIC_RELEASE);
	__atomic_store_n(&device->ifindex, target->ifindex, __ATOMIC_RELEASE);
}

static void configure_target(ProgramSet *set, const XskTarget *target)
{
	struct xdpshark_xsk_config *config =
		(struct xdpshark_xsk_config *)&skeleton_of(set)->rodata_xsk->xsk_config;
	guint64 pages, memory;

	kernel_symbols_find_pages(&pages, &memory);
	config->pages = pages;
	config->memory = memory;
	xsk_program_watch(set, target);
}

static gboolean choose_programs(ProgramSet *set, GError **error)
{
	const struct xsk_bpf *skeleton = skeleton_of(set);
	struct bpf_program *programs[] = {
		[TRACE_ENTRY] = skeleton->progs.xdpshark_entry,
		[TRACE_EXIT] = skeleton->progs.xdpshark_exit,
	};

	for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
		int result = bpf_program__set_attach_target(programs[i], 0, FUNCTION);

		set->programs[i] = programs[i];
		if (result == 0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot find the kernel's function " FUNCTION ": %s",
			    g_strerror(-result));
		return FALSE;
	}
	return TRUE;
}

static gboolean load_filter(ProgramSet *set, const ProgramRequest *request, const XskTarget *target,
			    const struct cbpf_program *filter, guint32 reach, GError **error)
{
	const struct xsk_bpf *skeleton = skeleton_of(set);
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };
	/* Where the verifier sees fragments gathered, it must see room for the longest. */
	guint32 held = skeleton->rodata_xsk->xsk_config.pages ? XDPSHARK_SNAPLEN_MAX + PIECE
							      : MAX(reach, set->config->snaplen);

	codes[XDPSHARK_STUB_BUFFER] = program_set_code(filter);
	program_set_reach(set, filter, reach);
	bpf_map__set_value_size(skeleton->maps.xdpshark_held, held);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_held, set->config->cpus);
	return program_set_load_all(set, request, codes, load_skeleton, is_accepted, target, error);
}

/* "outbound" is true of what is sent: libcbpf knows no packets but those that are received. */
static struct sock_filter *make_outbound(const ProgramRequest *request)
{
	struct sock_filter *filter =
		g_memdup2(request->filter, request->filter_length * sizeof(*filter));

	for (gsize i = 0; i < request->filter_length; i++)
		if (BPF_CLASS(filter[i].code) == BPF_LD && BPF_MODE(filter[i].code) == BPF_ABS &&
		    filter[i].k == (guint32)(SKF_AD_OFF + SKF_AD_PKTTYPE))
			filter[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, PACKET_OUTGOING);
	return filter;
}

ProgramSet *xsk_program_load(const ProgramRequest *request, const XskTarget *target, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);
	g_autofree struct sock_filter *outbound = make_outbound(request);
	ProgramRequest sent = *request;
	struct cbpf_program *filter;
	gboolean loaded;
	guint32 reach;

	sent.filter = outbound;
	if (!set || !program_set_configure(set, request, error) || !choose_programs(set, error))
		return NULL;
	configure_target(set, target);
	filter = program_set_compile_buffer(&sent, &reach, error);
	if (!filter)
		return NULL;
	loaded = load_filter(set, request, target, filter, reach, error);
	cbpf_program_free(filter);
	return loaded ? g_steal_pointer(&set) : NULL;
}
