/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a program leaves its packet as it is, by whatever means it might change it: what is not
 * certain counts as changed. */
#include "packet.h"

#include "instructions.h"

/* How the one function is called that only reads. */
#define READER				4711
#define UNKNOWN				4712
#define CALL(IMM)			INSN(BPF_JMP | BPF_CALL, 0, 0, 0, IMM)
#define SET_AT(SIZE, DST, OFF, IMM)	INSN(BPF_ST | BPF_MEM | (SIZE), DST, 0, OFF, IMM)
#define ATOMIC(SIZE, DST, OFF, SRC, OP) INSN(BPF_STX | BPF_ATOMIC | (SIZE), DST, SRC, OFF, OP)

/* Operations that libc's headers may lack. */
#define LOAD_ACQUIRE  0x100
#define STORE_RELEASE 0x110

/* Where struct xdp_buff has them; what matters is that they are read from the context. */
#define DATA	  0
#define DATA_META 16

/* r6 = the context, r7 = the packet, r8 = a map's element, r9 = a number. Afterwards no register
 * that a call gets leads to the packet. */
#define BEGIN                                                                                      \
	MOV(6, 1), LOAD(BPF_DW, 7, 1, DATA), MAP(1, 7), MOV(2, 10), ALU(BPF_ADD, 2, -4),           \
		SET_AT(BPF_W, 2, 0, 0), SET(3, 0), SET(4, 0), SET(5, 0), CALL(READER), MOV(8, 0),  \
		LOAD(BPF_W, 9, 8, 0), SET(1, 0), SET(2, 0)
#define END SET(0, 2), EXIT()

/* No register that a call gets leads anywhere. */
#define BEGIN_FREE SET(1, 0), SET(2, 0), SET(3, 0), SET(4, 0), SET(5, 0)

static const struct {
	const char *name;
	gboolean left;
	struct bpf_insn insns[40]; /* ends before two that are all zeros */
} programs[] = {
	{ "nothing at all", TRUE, { END } },
	{ "read", TRUE, { BEGIN, LOAD(BPF_W, 0, 7, 12), EXIT() } },
	{ "the stack", TRUE, { BEGIN, STORE(BPF_DW, 10, -16, 9), SET_AT(BPF_B, 10, -20, 1), END } },
	{ "a map", TRUE, { BEGIN, STORE(BPF_DW, 8, 0, 9), SET_AT(BPF_H, 8, 8, 1), END } },
	{ "a map's counter", TRUE, { BEGIN, ATOMIC(BPF_DW, 8, 0, 9, BPF_ADD), END } },
	{ "a pointer into a map that a number was added to",
	  TRUE,
	  { BEGIN, ALU(BPF_AND, 9, 7), ALUX(BPF_ADD, 8, 9), STORE(BPF_B, 8, 0, 9), END } },
	{ "a number of the packet, to a map",
	  TRUE,
	  { BEGIN, LOAD(BPF_W, 9, 7, 0), STORE(BPF_W, 8, 0, 9), END } },
	{ "spilled and read",
	  TRUE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 7), LOAD(BPF_DW, 1, 10, -16), LOAD(BPF_B, 0, 1, 0),
	    EXIT() } },
	{ "a map's element that was spilled",
	  TRUE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 8), LOAD(BPF_DW, 1, 10, -16), STORE(BPF_B, 1, 0, 9),
	    END } },
	{ "an element of either of two maps",
	  TRUE,
	  { BEGIN, MOV(1, 8), JUMP(BPF_JEQ, 9, 1, 1), ALU(BPF_ADD, 1, 8), STORE(BPF_B, 1, 0, 9),
	    END } },
	{ "a function that only reads", TRUE, { BEGIN, MOV(1, 6), MOV(2, 7), CALL(READER), END } },
	{ "a function that gets nothing of it", TRUE, { BEGIN, MOV(1, 8), CALL(UNKNOWN), END } },
	{ "loads that are barriers", TRUE, { BEGIN, ATOMIC(BPF_DW, 9, 0, 7, LOAD_ACQUIRE), END } },

	{ "a byte", FALSE, { BEGIN, STORE(BPF_B, 7, 20, 9), END } },
	{ "a constant", FALSE, { BEGIN, SET_AT(BPF_W, 7, 20, 5), END } },
	{ "in one case", FALSE, { BEGIN, JUMP(BPF_JNE, 9, 3, 1), STORE(BPF_B, 7, 20, 9), END } },
	{ "further in", FALSE, { BEGIN, ALUX(BPF_ADD, 7, 9), STORE(BPF_B, 7, 0, 9), END } },
	{ "a number that it was added to",
	  FALSE,
	  { BEGIN, ALUX(BPF_ADD, 9, 7), STORE(BPF_B, 9, 0, 8), END } },
	{ "by an atomic instruction", FALSE, { BEGIN, ATOMIC(BPF_W, 7, 0, 9, BPF_ADD), END } },
	{ "by an exchange", FALSE, { BEGIN, ATOMIC(BPF_W, 7, 0, 9, BPF_XCHG), END } },
	{ "by a comparison", FALSE, { BEGIN, ATOMIC(BPF_W, 7, 0, 9, BPF_CMPXCHG), END } },
	{ "by a store that is a barrier",
	  FALSE,
	  { BEGIN, ATOMIC(BPF_W, 7, 0, 9, STORE_RELEASE), END } },
	{ "by a store of an arena", FALSE, { BEGIN, INSN(BPF_STX | 0xa0, 7, 9, 0, 0), END } },
	{ "by its address in an arena",
	  FALSE,
	  { BEGIN, MOVSX(1, 7, 1), STORE(BPF_B, 1, 0, 9), END } },
	{ "its metadata",
	  FALSE,
	  { BEGIN, LOAD(BPF_DW, 1, 6, DATA_META), STORE(BPF_W, 1, 0, 9), END } },
	{ "the context", FALSE, { BEGIN, STORE(BPF_DW, 6, DATA, 9), END } },
	{ "spilled",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 7), LOAD(BPF_DW, 1, 10, -16), STORE(BPF_B, 1, 0, 9),
	    END } },
	{ "spilled over a map's element",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 8), STORE(BPF_DW, 10, -16, 7), LOAD(BPF_DW, 1, 10, -16),
	    STORE(BPF_B, 1, 0, 9), END } },
	{ "spilled over a map's element by another pointer",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 8), MOV(2, 10), ALU(BPF_ADD, 2, -24),
	    STORE(BPF_DW, 2, 8, 7), LOAD(BPF_DW, 1, 10, -16), STORE(BPF_B, 1, 0, 9), END } },
	{ "spilled somewhere",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 8), MOV(2, 10), ALU(BPF_AND, 9, 8), ALUX(BPF_SUB, 2, 9),
	    STORE(BPF_DW, 2, -16, 7), LOAD(BPF_DW, 1, 10, -16), STORE(BPF_B, 1, 0, 9), END } },
	{ "loaded from somewhere in the stack",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 7), MOV(2, 10), ALU(BPF_AND, 9, 8), ALUX(BPF_SUB, 2, 9),
	    LOAD(BPF_DW, 1, 2, -16), STORE(BPF_B, 1, 0, 9), END } },
	{ "a piece of the stack that nobody has written",
	  FALSE,
	  { BEGIN, LOAD(BPF_DW, 1, 10, -64), STORE(BPF_B, 1, 0, 9), END } },
	{ "spilled in one case",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 8), JUMP(BPF_JEQ, 9, 1, 1), STORE(BPF_DW, 10, -16, 7),
	    LOAD(BPF_DW, 1, 10, -16), STORE(BPF_B, 1, 0, 9), END } },
	{ "the context, spilled",
	  FALSE,
	  { BEGIN, STORE(BPF_DW, 10, -16, 6), LOAD(BPF_DW, 1, 10, -16), LOAD(BPF_DW, 1, 1, DATA),
	    STORE(BPF_B, 1, 0, 9), END } },
	{ "a map's element or the packet",
	  FALSE,
	  { BEGIN, MOV(1, 8), JUMP(BPF_JEQ, 9, 1, 1), MOV(1, 7), STORE(BPF_B, 1, 0, 9), END } },
	{ "in the second round of a loop",
	  FALSE,
	  { BEGIN, MOV(1, 8), STORE(BPF_B, 1, 0, 9), MOV(1, 7), ALU(BPF_SUB, 9, 1),
	    JUMP(BPF_JNE, 9, 0, -4), END } },
	{ "a number", FALSE, { BEGIN, STORE(BPF_B, 9, 0, 9), END } },
	{ "its context in another function's hands",
	  FALSE,
	  { BEGIN, MOV(1, 6), CALL(UNKNOWN), END } },
	{ "itself in another function's hands", FALSE, { BEGIN, MOV(3, 7), CALL(UNKNOWN), END } },
	{ "itself, where a function gets that in its last argument",
	  FALSE,
	  { BEGIN, MOV(5, 7), CALL(UNKNOWN), END } },
	{ "a helper that has no name", FALSE, { BEGIN, MOV(1, 6), HELPER(), END } },
	{ "a function of the kernel", FALSE, { BEGIN, KERNEL_FUNCTION(), END } },
	{ "a function of the kernel called as a reader is",
	  FALSE,
	  { BEGIN, INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, READER), END } },
	/* A program may stand in for another one's function, whose arguments are anything. */
	{ "its caller's in another function's hands",
	  FALSE,
	  { MOV(6, 2), BEGIN_FREE, MOV(1, 6), CALL(UNKNOWN), END } },
	{ "its caller's", FALSE, { STORE(BPF_B, 3, 0, 1), END } },
	{ "what its caller's leads to",
	  FALSE,
	  { LOAD(BPF_DW, 6, 2, 0), BEGIN_FREE, MOV(1, 6), CALL(UNKNOWN), END } },
	{ "a function of its own", FALSE, { BEGIN, FUNCTION(2), END, SET(0, 0), EXIT() } },
	{ "a function that a reader calls",
	  FALSE,
	  { BEGIN, CALLBACK(2, 5), CALL(READER), END, SET(0, 0), EXIT() } },
	{ "a tail call", FALSE, { BEGIN, MOV(1, 6), MAP(2, 7), SET(3, 0), TAIL_CALL(), END } },
	{ "a tail call that no context was given to",
	  FALSE,
	  { BEGIN, MAP(2, 7), TAIL_CALL(), STORE(BPF_B, 7, 0, 9), END } },
	{ "an unknown instruction", FALSE, { BEGIN, INSN(0xf5, 0, 0, 0, 0), END } },
	{ "a jump that only the program knows",
	  FALSE,
	  { BEGIN, INSN(BPF_JMP | BPF_JA | BPF_X, 9, 0, 0, 0), END } },
	{ "a jump out of the program", FALSE, { BEGIN, JUMP(BPF_JEQ, 9, 0, 99), END } },
};

static gboolean is_left(const struct bpf_insn *insns, gsize count)
{
	static const gint32 readers[] = { 1, READER };

	return packet_is_left(insns, count, readers, G_N_ELEMENTS(readers));
}

static void check_program(gconstpointer data)
{
	const gsize i = GPOINTER_TO_SIZE(data);
	const struct bpf_insn *insns = programs[i].insns;
	const gsize count = length_of(insns, G_N_ELEMENTS(programs[i].insns));

	g_assert_cmpint(is_left(insns, count), ==, programs[i].left);
}

/* Where the kernel shows no addresses, none of its functions is known. */
static void check_unknown_readers(void)
{
	const struct bpf_insn insns[] = { MOV(6, 1), CALL(READER), MOV(1, 6), CALL(READER), END };
	const struct bpf_insn hidden[] = { HELPER(), END };
	const gint32 nothing = 0;

	g_assert_true(is_left(insns, G_N_ELEMENTS(insns)));
	g_assert_false(packet_is_left(insns, G_N_ELEMENTS(insns), NULL, 0));
	g_assert_false(packet_is_left(hidden, G_N_ELEMENTS(hidden), &nothing, 1));
}

static void check_sizes(void)
{
	const gsize count = 200000;
	g_autofree struct bpf_insn *insns = g_new0(struct bpf_insn, count);
	const struct bpf_insn move = MOV(0, 0), end = EXIT();

	for (gsize i = 0; i < count; i++)
		insns[i] = i + 1 < count ? move : end;
	g_assert_false(packet_is_left(insns, 0, NULL, 0));
	g_assert_false(packet_is_left(insns, count, NULL, 0));
	/* Not examined to the end. */
	insns[count / 2 + 9999] = end;
	g_assert_false(packet_is_left(insns, count / 2 + 10000, NULL, 0));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *path = g_strdup_printf(
			"/packet/%s/%s", programs[i].left ? "left" : "changed", programs[i].name);

		g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_program);
	}
	g_test_add_func("/packet/readers that are not known", check_unknown_readers);
	g_test_add_func("/packet/programs of all sizes", check_sizes);
	return g_test_run();
}
