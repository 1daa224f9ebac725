// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_set.h"

#include <cbpf/cbpf.h>
#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "journey.h"
#include "kernel_symbol.h"

/* As in bpf/skb_sighting.bpf.h, bpf/skb_frame.bpf.h and bpf/skb_capture.bpf.h. */
#define LEVELS 2
#define FRONT  64
#define PIECE  16384

#define FRAMES_MAP "xdpshark_frames"
#define PLACES_MAP "xdpshark_places"

static gboolean has_snprintf(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_snprintf,
						NULL);
	return known == 1;
}

gboolean kernel_set_prepare(ProgramSet *set, const ProgramRequest *request, const ProgramSet *first,
			    const char *own, struct xdpshark_kernel_config *config,
			    const struct xdpshark_kernel_config *wanted, GError **error)
{
	*config = *wanted;
	config->names_places = has_snprintf();
	if (first ? !program_set_continue(set, first, own, error)
		  : !program_set_configure(set, request, error))
		return FALSE;
	set->config->names_device = TRUE;
	/* Those that go on with another's maps have these, too. */
	return first || !wanted->tracks || journeys_share(set->object, error);
}

void kernel_set_read_fragments(struct xdpshark_kernel_config *config, enum xdpshark_fragments how)
{
	guint64 pages = 0, memory = 0;

	if (how == XDPSHARK_FRAGMENTS_WALK)
		kernel_symbols_find_pages(&pages, &memory);
	config->fragments = how;
	config->pages = pages;
	config->memory = memory;
}

static gboolean load_filter(ProgramSet *set, const ProgramRequest *request, const ProgramSet *first,
			    const struct cbpf_program *filter, guint32 reach,
			    int (*load)(gpointer skeleton), ProgramSetTry attempt,
			    gconstpointer data, GError **error)
{
	struct bpf_map *frames = bpf_object__find_map_by_name(set->object, FRAMES_MAP);
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };

	codes[XDPSHARK_STUB_BUFFER] = program_set_code(filter);
	program_set_reach(set, filter, reach);
	if (!first) {
		bpf_map__set_value_size(frames, FRONT + MAX(reach, set->config->snaplen) + PIECE);
		bpf_map__set_max_entries(frames, set->config->cpus * LEVELS);
	}
	return program_set_load_all(set, request, codes, load, attempt, data, error);
}

gboolean kernel_set_load(ProgramSet *set, const ProgramRequest *request, const ProgramSet *first,
			 int (*load)(gpointer skeleton), ProgramSetTry attempt, gconstpointer data,
			 GError **error)
{
	struct cbpf_program *filter;
	gboolean loaded;
	guint32 reach;

	filter = program_set_compile_buffer(request, &reach, error);
	if (!filter)
		return FALSE;
	loaded = load_filter(set, request, first, filter, reach, load, attempt, data, error);
	cbpf_program_free(filter);
	return loaded;
}

/* The instruction that a number is put into, as the first of two. */
static gboolean is_mark(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == 0 &&
	       insn[1].imm == XDPSHARK_TARGET_MARK;
}

struct bpf_insn *kernel_program_insns(const struct bpf_program *program, guint32 number)
{
	gsize count = bpf_program__insn_cnt(program), mark = 0;
	struct bpf_insn *insns = g_memdup2(bpf_program__insns(program), count * sizeof(*insns));

	while (mark + 1 < count && !is_mark(&insns[mark]))
		mark++;
	if (mark + 1 < count)
		insns[mark].imm = (gint32)number;
	else
		g_clear_pointer(&insns, g_free);
	return insns;
}

int kernel_program_mark(struct bpf_program *program, guint32 number)
{
	g_autofree struct bpf_insn *insns = kernel_program_insns(program, number);

	if (!insns)
		return -EINVAL;
	return bpf_program__set_insns(program, insns, bpf_program__insn_cnt(program));
}

int kernel_set_program(const ProgramSet *set)
{
	return bpf_program__fd(set->programs[KERNEL_PROGRAM]);
}

guint64 kernel_program_missed(int program)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);

	/* From 5.12 on. */
	return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.recursion_misses : 0;
}

guint64 kernel_set_missed(const ProgramSet *set)
{
	guint64 missed = 0;

	for (guint i = KERNEL_PROGRAM; i <= KERNEL_TRACEPOINT; i++)
		if (set->programs[i])
			missed += kernel_program_missed(bpf_program__fd(set->programs[i]));
	return missed;
}

void kernel_set_visit(const ProgramSet *set, KernelPlaceVisitor *visit, gpointer data)
{
	int map = bpf_map__fd(bpf_object__find_map_by_name(set->object, PLACES_MAP));
	struct xdpshark_place place;
	guint64 address = 0;
	gboolean first = TRUE;

	while (bpf_map_get_next_key(map, first ? NULL : &address, &address) == 0) {
		first = FALSE;
		if (bpf_map_lookup_elem(map, &address, &place) == 0)
			visit(address, &place, data);
	}
}
