// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet.h"

#include "flow.h"

/* Budget for a program, in instructions: a hundredth of a second or so. Those that take more are
 * not examined to the end. */
#define STEPS_MAX 100000

/* What may lead to the packet. */
#define TO_PACKET (ORIGIN_CONTEXT | ORIGIN_PACKET | ORIGIN_ARGUMENT | ORIGIN_FUNCTION)

/* Where the verifier has put functions of the maps' types in place of a helper, they have names of
 * their own. None of these writes to what its arguments lead to, but to maps. Others are trusted if
 * they get nothing that leads to the packet. */
const char *const packet_readers[] = {
	"bpf_map_lookup_elem",
	"bpf_map_update_elem",
	"bpf_map_delete_elem",
	"__htab_map_lookup_elem",
	"htab_map_lookup_elem",
	"htab_map_update_elem",
	"htab_map_delete_elem",
	"htab_lru_map_lookup_elem",
	"htab_lru_map_update_elem",
	"htab_lru_map_delete_elem",
	"htab_percpu_map_lookup_elem",
	"htab_percpu_map_update_elem",
	"htab_lru_percpu_map_lookup_elem",
	"htab_lru_percpu_map_update_elem",
	"array_map_lookup_elem",
	"array_map_update_elem",
	"percpu_array_map_lookup_elem",
	"trie_lookup_elem",
	"bpf_xdp_redirect",
	"bpf_xdp_redirect_map",
	"dev_map_redirect",
	"dev_hash_map_redirect",
	"cpu_map_redirect",
	"xsk_map_redirect",
	"bpf_xdp_get_buff_len",
	"bpf_xdp_event_output",
	"bpf_csum_diff",
	"bpf_ktime_get_ns",
	"bpf_ktime_get_boot_ns",
	"bpf_ktime_get_coarse_ns",
	"bpf_jiffies64",
	"bpf_user_rnd_u32",
	"bpf_get_raw_cpu_id",
	"bpf_get_smp_processor_id",
	"bpf_trace_printk",
	"bpf_ringbuf_reserve",
	"bpf_ringbuf_submit",
	"bpf_ringbuf_discard",
	"bpf_ringbuf_output",
	"bpf_spin_lock",
	"bpf_spin_unlock",
	NULL,
};

_Static_assert(G_N_ELEMENTS(packet_readers) <= PACKET_READERS, "room for all of them");

typedef struct {
	const gint32 *readers;
	gsize count;
} Readers;

static gboolean is_reader(const Readers *readers, const struct bpf_insn *call)
{
	if (call->src_reg != 0 || call->imm == 0)
		return FALSE;
	for (gsize i = 0; i < readers->count; i++)
		if (readers->readers[i] == call->imm)
			return TRUE;
	return FALSE;
}

/* A function of the kernel (kfunc) may know the packet by what it got before, and return it. */
static gboolean call_leaves(const Frame *before, const struct bpf_insn *call,
			    const Readers *readers)
{
	if (is_reader(readers, call))
		return TRUE;
	if (call->src_reg != 0)
		return FALSE;
	/* How many arguments it has is unknown. */
	for (guint i = 1; i <= FRAME_ARGUMENTS; i++)
		if (before->registers[i].origins & TO_PACKET)
			return FALSE;
	return TRUE;
}

/* What was computed from numbers alone is no pointer that the verifier would let the program write
 * to: the instruction is one that we do not know. */
static gboolean store_leaves(const Frame *before, const struct bpf_insn *insn)
{
	const guint8 origins = before->registers[insn->dst_reg].origins;

	return !frame_is_store(insn) || (origins != 0 && !(origins & TO_PACKET));
}

static gboolean look(const Frame *before, const struct bpf_insn *insn, gpointer data)
{
	return code_kind(insn) == CODE_STEP ? store_leaves(before, insn)
					    : call_leaves(before, insn, data);
}

/* Another program may stand in for a function that is called. */
gboolean packet_is_left(const struct bpf_insn *insns, gsize count, const gint32 *readers,
			gsize reader_count)
{
	g_autoptr(Code) code = code_new(insns, count);
	Readers known = { readers, reader_count };
	guint steps = STEPS_MAX;

	return count > 0 && !code->too_long && !code->strange && code->functions->len == 1 &&
	       flow_visit(code, &steps, look, &known);
}
