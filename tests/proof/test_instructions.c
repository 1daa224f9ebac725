/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings for hand-written instructions, such as from loaders in other languages and assemblers,
 * and for those that the kernel's verifier adds.
 */
#include "instructions.h"
#include "proof.h"

#define HOOK  7
#define OTHER 8

/* r6 = the context, r7 = a number read from memory. */
#define BEGIN	  MOV(6, 1), HELPER(), LOAD(BPF_W, 7, 0, 0)
/* Calls the hook with the index in r3. */
#define CALL_HOOK MAP(2, HOOK), MOV(1, 6), TAIL_CALL()

static const struct {
	const char *name;
	ProofVerdict verdict;
	ProofReason reason;
	struct bpf_insn insns[40]; /* ends before two that are all zeros */
} programs[] = {
	{ "copies",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "copies of half a register",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV32(3, 7), CALL_HOOK, MOV32(0, 7), EXIT() } },
	{ "constant",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, SET(3, 2), CALL_HOOK, SET(0, 2), EXIT() } },
	{ "another constant",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, SET(3, 1), CALL_HOOK, SET(0, 2), EXIT() } },
	/* Captures never fill slots above. */
	{ "a constant that is no action",
	  PROOF_NONE,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, SET(3, 6), CALL_HOOK, SET(0, 2), EXIT() } },
	{ "a constant in the high half is no index",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, SET(3, 1), ALU(BPF_LSH, 3, 32), CALL_HOOK, SET(0, 0), EXIT() } },
	{ "shifts that extend with the sign",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), ALU(BPF_LSH, 3, 32), ALU(BPF_ARSH, 3, 32), CALL_HOOK, MOV(0, 7),
	    ALU(BPF_LSH, 0, 32), ALU(BPF_ARSH, 0, 32), EXIT() } },
	{ "shifts that extend with zeros, of a byte",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, STORE(BPF_B, 10, -1, 7), LOAD(BPF_B, 3, 10, -1), ALU(BPF_LSH, 3, 56),
	    ALU(BPF_RSH, 3, 56), CALL_HOOK, LOAD(BPF_B, 0, 10, -1), ALU(BPF_LSH, 0, 56),
	    ALU(BPF_ARSH, 0, 56), EXIT() } },
	{ "moves that extend with the sign",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOVSX(3, 7, 16), CALL_HOOK, MOVSX(0, 7, 16), EXIT() } },
	{ "shifts that lose bits",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, MOV(3, 7), ALU(BPF_LSH, 3, 33), ALU(BPF_RSH, 3, 33), CALL_HOOK, MOV(0, 7),
	    EXIT() } },
	{ "a mask that changes something",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, MOV(3, 7), CALL_HOOK, MOV(0, 7), ALU(BPF_AND, 0, 3), EXIT() } },
	{ "the same mask",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), ALU(BPF_AND, 3, 7), CALL_HOOK, MOV(0, 7), ALU(BPF_AND, 0, 7),
	    EXIT() } },
	{ "what the verifier adds against speculation",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), MAP(2, HOOK), MOV(1, 6), JUMP(BPF_JGE, 3, 5, 2), ALU32(BPF_AND, 3, 7),
	    TAIL_CALL(), MOV(0, 7), EXIT() } },
	{ "a barrier",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), CALL_HOOK, INSN(BPF_ST | 0xc0, 0, 0, 0, 0), MOV(0, 7), EXIT() } },
	{ "blinded constants",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, SET(11, 0x1234), ALU(BPF_XOR, 11, 0x1236), MOV(3, 11), CALL_HOOK, SET(11, 0x777),
	    ALU(BPF_XOR, 11, 0x775), MOV(0, 11), EXIT() } },
	{ "spilled and reloaded",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, STORE(BPF_DW, 10, -8, 7), LOAD(BPF_DW, 3, 10, -8), CALL_HOOK,
	    LOAD(BPF_W, 0, 10, -8), EXIT() } },
	{ "overwritten on the stack",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, STORE(BPF_DW, 10, -8, 7), MOV(3, 7), CALL_HOOK,
	    INSN(BPF_ST | BPF_MEM | BPF_B, 10, 0, -8, 1), LOAD(BPF_B, 0, 10, -8), EXIT() } },
	{ "overwritten in part",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, STORE(BPF_DW, 10, -8, 7), MOV(3, 7), CALL_HOOK,
	    INSN(BPF_ST | BPF_MEM | BPF_B, 10, 0, -7, 0), LOAD(BPF_W, 0, 10, -8), EXIT() } },
	{ "overwritten who knows where on the stack",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, STORE(BPF_DW, 10, -8, 7), MOV(3, 7), MOV(8, 10), ALUX(BPF_SUB, 8, 7), CALL_HOOK,
	    INSN(BPF_ST | BPF_MEM | BPF_B, 8, 0, -8, 1), LOAD(BPF_DW, 0, 10, -8), EXIT() } },
	{ "given to a helper that may write to it",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, STORE(BPF_DW, 10, -8, 7), MOV(2, 10), ALU(BPF_ADD, 2, -16), HELPER(), MOV(3, 7),
	    CALL_HOOK, LOAD(BPF_DW, 0, 10, -8), EXIT() } },
	{ "a helper writes above it",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, STORE(BPF_DW, 10, -16, 7), MOV(2, 10), ALU(BPF_ADD, 2, -8), HELPER(), MOV(3, 7),
	    CALL_HOOK, LOAD(BPF_DW, 0, 10, -16), EXIT() } },
	{ "what a helper calls writes everywhere",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, STORE(BPF_DW, 10, -16, 7), CALLBACK(2, 11), MOV(3, 10), ALU(BPF_ADD, 3, -8),
	    HELPER(), MOV(3, 7), CALL_HOOK, LOAD(BPF_DW, 0, 10, -16), EXIT(), SET(0, 0), EXIT() } },
	{ "equal on each path",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, SET(3, 1), SET(8, 1), JUMP(BPF_JEQ, 7, 9, 2), SET(3, 2), SET(8, 2), CALL_HOOK,
	    MOV(0, 8), EXIT() } },
	{ "equal on one path",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, SET(3, 1), SET(8, 1), JUMP(BPF_JEQ, 7, 9, 1), SET(3, 4), CALL_HOOK, MOV(0, 8),
	    JUMP(BPF_JEQ, 6, 0, 1), MOV32(0, 8), EXIT() } },
	{ "from another round of a loop",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, SET(8, 0), MOV(3, 8), LOAD(BPF_B, 8, 6, 0), MOV(9, 8), ALU(BPF_AND, 9, 1),
	    MOV(8, 9), JUMP(BPF_JNE, 9, 0, -6), CALL_HOOK, MOV(0, 8), ALU(BPF_OR, 0, 0), EXIT() } },
	{ "jumps behind it that learn",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), CALL_HOOK, MOV(0, 7), JUMP(BPF_JNE, 7, 2, 2), SET(0, 2), EXIT(),
	    JUMP32(BPF_JGT, 7, 4, 1), EXIT(), SET(0, 0), EXIT() } },
	{ "jumps behind it that go wrong",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, MOV(3, 7), CALL_HOOK, MOV(0, 7), JUMP(BPF_JNE, 7, 4, 1), SET(0, 3), EXIT() } },
	{ "a mask that loses bits before it",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, MOV(8, 7), ALU(BPF_AND, 8, 3), MOV(3, 7), CALL_HOOK, MOV(0, 8), EXIT() } },
	{ "an index that is less than what is returned",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, MOVSX(3, 7, 8), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "an index by shifts that is less than what is returned",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, MOV(3, 7), ALU(BPF_LSH, 3, 24), ALU32(BPF_RSH, 3, 24), CALL_HOOK, MOV(0, 7),
	    EXIT() } },
	{ "from two rounds before",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, SET(3, 0), SET(8, 0), MOV(9, 3), MOV(3, 8), LOAD(BPF_W, 8, 6, 0),
	    JUMP(BPF_JNE, 8, 9, -4), CALL_HOOK, MOV(0, 9), EXIT() } },
	{ "from before a loop that is entered in two ways",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, MOV(4, 7), JUMP(BPF_JEQ, 7, 9, 4), SET(7, 1), SET(8, 1), SET(9, 1), GOTO(3),
	    SET(7, 2), SET(8, 2), SET(9, 2), JUMP(BPF_JEQ, 4, 0, 4), LOAD(BPF_W, 7, 6, 0),
	    MOV(8, 7), LOAD(BPF_W, 4, 6, 8), GOTO(-5), MOV(3, 9), CALL_HOOK, MOV(0, 8), EXIT() } },
	{ "overwritten in a loop before it",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { BEGIN, STORE(BPF_DW, 10, -8, 7), JUMP(BPF_JEQ, 6, 0, 2),
	    INSN(BPF_ST | BPF_MEM | BPF_B, 10, 0, -8, 1), GOTO(-3), MOV(3, 7), CALL_HOOK,
	    LOAD(BPF_DW, 0, 10, -8), EXIT() } },
	{ "a limit that is reached",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, JUMP(BPF_JGT, 7, 4, 6), MOV(3, 7), CALL_HOOK, MOV(0, 7), JUMP(BPF_JNE, 7, 4, 1),
	    SET(0, 0), EXIT() } },
	{ "an endless loop behind it",
	  PROOF_NONE,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), CALL_HOOK, GOTO(-1) } },
	{ "a result that is read again",
	  PROOF_UNDECIDED,
	  PROOF_RETURNS_UNKNOWN,
	  { MOV(6, 1), HELPER(), MOV(8, 0), LOAD(BPF_W, 3, 8, 0), CALL_HOOK, LOAD(BPF_W, 0, 8, 0),
	    EXIT() } },
	{ "a packet that is changed",
	  PROOF_DISPROVEN,
	  PROOF_WRITES,
	  { BEGIN, LOAD(BPF_DW, 8, 6, 0), MOV(3, 7), CALL_HOOK, STORE(BPF_B, 8, 0, 7), MOV(0, 7),
	    EXIT() } },
	{ "a packet whose pointer was spilled",
	  PROOF_DISPROVEN,
	  PROOF_WRITES,
	  { BEGIN, LOAD(BPF_DW, 8, 6, 0), STORE(BPF_DW, 10, -8, 8), MOV(3, 7), CALL_HOOK,
	    LOAD(BPF_DW, 8, 10, -8), STORE(BPF_B, 8, 0, 7), MOV(0, 7), EXIT() } },
	{ "a map that is written",
	  PROOF_UNDECIDED,
	  PROOF_WORKS,
	  { BEGIN, MOV(8, 0), MOV(3, 7), CALL_HOOK, STORE(BPF_W, 8, 0, 7), MOV(0, 7), EXIT() } },
	{ "a counter in a map",
	  PROOF_UNDECIDED,
	  PROOF_WORKS,
	  { BEGIN, MOV(8, 0), MOV(3, 7), CALL_HOOK,
	    INSN(BPF_STX | BPF_ATOMIC | BPF_DW, 8, 7, 0, BPF_ADD), MOV(0, 7), EXIT() } },
	{ "a helper behind it",
	  PROOF_UNDECIDED,
	  PROOF_WORKS,
	  { BEGIN, MOV(3, 7), CALL_HOOK, HELPER(), MOV(0, 7), EXIT() } },
	{ "a helper's result",
	  PROOF_DISPROVEN,
	  PROOF_WORKS_AND_RETURNS_UNKNOWN,
	  { BEGIN, MOV(3, 7), CALL_HOOK, HELPER(), EXIT() } },
	{ "a kernel function's packet",
	  PROOF_DISPROVEN,
	  PROOF_WRITES,
	  { BEGIN, KERNEL_FUNCTION(), MOV(8, 0), MOV(3, 7), CALL_HOOK, STORE(BPF_B, 8, 0, 7),
	    MOV(0, 7), EXIT() } },
	{ "another index of the same map",
	  PROOF_DISPROVEN,
	  PROOF_CALLS_AGAIN,
	  { BEGIN, MOV(3, 7), CALL_HOOK, SET(3, 2), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "the same index of another map",
	  PROOF_UNDECIDED,
	  PROOF_CALLS_ANOTHER,
	  { BEGIN, MOV(3, 7), CALL_HOOK, MOV(3, 7), MAP(2, OTHER), MOV(1, 6), TAIL_CALL(),
	    MOV(0, 7), EXIT() } },
	{ "one call of two",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, JUMP(BPF_JEQ, 7, 9, 6), SET(3, 1), CALL_HOOK, SET(0, 2), EXIT(), SET(3, 1),
	    CALL_HOOK, SET(0, 1), EXIT() } },
	{ "an unknown map",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MAP(2, HOOK), JUMP(BPF_JEQ, 7, 9, 2), MAP(2, OTHER), MOV(1, 6), MOV(3, 7),
	    TAIL_CALL(), MOV(0, 7), EXIT() } },
	{ "through a function",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(2, 7), MOV(1, 6), FUNCTION(1), EXIT(), MOV(6, 1), MOV(7, 2), MOV(3, 7),
	    CALL_HOOK, MOV(0, 7), EXIT() } },
	/* Its caller does the same if there is a program in the slot. */
	{ "through a function whose caller goes on",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, ALU(BPF_AND, 7, 7), MOV(2, 7), MOV(1, 6), FUNCTION(6), MOV(8, 0), HELPER(),
	    STORE(BPF_B, 0, 0, 7), INSN(BPF_JMP | BPF_JA, 0, 0, 0, 0), MOV(0, 8), EXIT(), MOV(6, 1),
	    MOV(7, 2), MOV(3, 7), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "through a function whose result is not looked at",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(2, 7), MOV(1, 6), FUNCTION(2), MOV(0, 7), EXIT(), MOV(6, 1), MOV(3, 2),
	    CALL_HOOK, SET(0, 0), EXIT() } },
	{ "through a function whose caller uses what it returns",
	  PROOF_UNDECIDED,
	  PROOF_WORKS,
	  { BEGIN, MOV(8, 0), MOV(2, 7), MOV(1, 6), FUNCTION(3), STORE(BPF_W, 8, 0, 0), MOV(0, 7),
	    EXIT(), MOV(6, 1), MOV(3, 2), CALL_HOOK, SET(0, 0), EXIT() } },
	{ "through a function whose caller returns something else",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, MOV(2, 7), MOV(1, 6), FUNCTION(2), SET(0, 2), EXIT(), MOV(6, 1), MOV(3, 2),
	    MOV(7, 2), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "through a function that returns something else",
	  PROOF_DISPROVEN,
	  PROOF_RETURNS_OTHER,
	  { BEGIN, MOV(2, 7), MOV(1, 6), FUNCTION(1), EXIT(), MOV(6, 1), MOV(3, 2), CALL_HOOK,
	    SET(0, 1), EXIT() } },
	{ "through a function that writes to its caller's stack",
	  PROOF_DISPROVEN,
	  PROOF_WRITES,
	  { BEGIN, MOV(2, 7), MOV(1, 6), MOV(4, 10), FUNCTION(1), EXIT(), MOV(6, 1), MOV(7, 2),
	    MOV(8, 4), MOV(3, 7), CALL_HOOK, STORE(BPF_DW, 8, -8, 7), MOV(0, 7), EXIT() } },
	{ "the map as an argument",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MAP(2, HOOK), MOV(3, 7), MOV(1, 6), FUNCTION(1), EXIT(), MOV(6, 3), TAIL_CALL(),
	    MOV(0, 6), EXIT() } },
	{ "through two functions",
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), MAP(2, HOOK), MOV(1, 6), FUNCTION(2), MOV(0, 7), EXIT(), FUNCTION(2),
	    SET(0, 0), EXIT(), TAIL_CALL(), SET(0, 0), EXIT() } },
	{ "in a function that a helper calls",
	  PROOF_UNDECIDED,
	  PROOF_IN_CALLBACK,
	  { BEGIN, CALLBACK(2, 4), HELPER(), SET(0, 2), EXIT(), MOV(6, 1), SET(3, 1), CALL_HOOK,
	    SET(0, 1), EXIT() } },
	{ "an unknown instruction",
	  PROOF_UNDECIDED,
	  PROOF_STRANGE,
	  { BEGIN, INSN(0xf5, 0, 0, 0, 0), MOV(3, 7), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "a jump out of the program",
	  PROOF_UNDECIDED,
	  PROOF_STRANGE,
	  { BEGIN, JUMP(BPF_JEQ, 7, 0, 99), MOV(3, 7), CALL_HOOK, MOV(0, 7), EXIT() } },
	{ "dead code", /* as left by a verifier that does not remove it */
	  PROOF_PROVEN,
	  PROOF_RETURNS_INDEX,
	  { BEGIN, MOV(3, 7), CALL_HOOK, MOV(0, 7), EXIT(), GOTO(-1), GOTO(-1) } },
	{ "no tail call", PROOF_NONE, PROOF_RETURNS_INDEX, { BEGIN, MOV(0, 7), EXIT() } },
};

static void check_program(gconstpointer data)
{
	const gsize i = GPOINTER_TO_SIZE(data);
	const struct bpf_insn *insns = programs[i].insns;
	g_autoptr(GArray) sites =
		proof_of_program(insns, length_of(insns, G_N_ELEMENTS(programs[i].insns)));
	const ProofSite *worst = NULL;

	for (guint j = 0; j < sites->len; j++) {
		const ProofSite *site = &g_array_index(sites, ProofSite, j);

		if (site->map_id != OTHER && (!worst || site->verdict > worst->verdict))
			worst = site;
	}
	if (programs[i].verdict == PROOF_NONE) {
		g_assert_null(worst);
		return;
	}
	g_assert_nonnull(worst);
	g_test_message("call %u, reason %d at %u, index %u, returned %u", worst->call,
		       worst->reason, worst->where, worst->index, worst->returned);
	g_assert_cmpint(worst->verdict, ==, programs[i].verdict);
	g_assert_cmpint(worst->reason, ==, programs[i].reason);
}

static void check_facts(void)
{
	const struct bpf_insn insns[] = { BEGIN,     SET(3, 1), CALL_HOOK, MOV(3, 7),
					  CALL_HOOK, SET(0, 2), EXIT() };
	g_autoptr(GArray) sites = proof_of_program(insns, G_N_ELEMENTS(insns));
	const ProofSite *second;

	g_assert_cmpuint(sites->len, ==, 2);
	second = &g_array_index(sites, ProofSite, 1);
	g_assert_cmpuint(second->map_id, ==, HOOK);
	g_assert_cmpuint(second->call, ==, 12);
	g_assert_cmpuint(second->where, ==, 14);
	g_assert_cmpuint(second->index, ==, 0);
	g_assert_cmpuint(second->returned, ==, 2);
}

static void check_too_long(void)
{
	const gsize count = 200000;
	g_autofree struct bpf_insn *insns = g_new0(struct bpf_insn, count);
	g_autoptr(GArray) sites = proof_of_program(insns, count);

	g_assert_cmpuint(sites->len, ==, 1);
	g_assert_cmpint(g_array_index(sites, ProofSite, 0).verdict, ==, PROOF_UNDECIDED);
	g_assert_cmpint(g_array_index(sites, ProofSite, 0).reason, ==, PROOF_TOO_LONG);
}

/* The number of paths is exponential in the number of jumps: the proof must give up. */
static void check_too_complex(void)
{
	enum { JUMPS = 30000 };
	g_autoptr(GArray) insns = g_array_new(FALSE, FALSE, sizeof(struct bpf_insn));
	const struct bpf_insn begin[] = { BEGIN, MOV(3, 7), CALL_HOOK };
	const struct bpf_insn end[] = { MOV(0, 7), EXIT() };
	g_autoptr(GArray) sites = NULL;
	gint64 start = g_get_monotonic_time();

	g_array_append_vals(insns, begin, G_N_ELEMENTS(begin));
	for (guint i = 0; i < JUMPS; i++) {
		const struct bpf_insn step[] = { JUMP(BPF_JEQ, 6, 0, 1), ALU(BPF_ADD, 8, i + 1) };

		g_array_append_vals(insns, step, G_N_ELEMENTS(step));
	}
	g_array_append_vals(insns, end, G_N_ELEMENTS(end));
	sites = proof_of_program((const struct bpf_insn *)(gpointer)insns->data, insns->len);
	g_test_message("%g s", (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
	for (guint i = 0; i < sites->len; i++)
		g_assert_cmpint(g_array_index(sites, ProofSite, i).verdict, <=, PROOF_UNDECIDED);
	g_assert_cmpuint(sites->len, >, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *path = g_strconcat("/proof/", programs[i].name, NULL);

		g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_program);
	}
	g_test_add_func("/proof/says where and what", check_facts);
	g_test_add_func("/proof/of a program that is too long", check_too_long);
	g_test_add_func("/proof/of a program with too many paths", check_too_complex);
	return g_test_run();
}
