// SPDX-License-Identifier: GPL-2.0-or-later
#include "proof.h"

#include "leave.h"

/* Budget for a program, in instructions: a tenth of a second or so. */
#define STEPS_MAX 1000000

/* Maximum number of call paths to one tail call. */
#define CHAINS_MAX 256

typedef struct {
	const Code *code;
	const Flow *flow;
	guint steps;
	GArray *sites;	/* ProofSite */
	guint chains;	/* of the current tail call */
	guint attempts; /* to go from a call to its callers, for the current tail call */
} Proof;

static void add_site(Proof *proof, const ProofSite *site)
{
	for (guint i = 0; i < proof->sites->len; i++) {
		ProofSite *known = &g_array_index(proof->sites, ProofSite, i);

		if (known->call != site->call || known->map_id != site->map_id)
			continue;
		if (site->verdict > known->verdict)
			*known = *site;
		return;
	}
	g_array_append_val(proof->sites, *site);
}

static void add_undecided(Proof *proof, guint32 call, ProofReason reason, guint32 where)
{
	const ProofSite site = {
		.call = call, .verdict = PROOF_UNDECIDED, .reason = reason, .where = where
	};

	add_site(proof, &site);
}

static void look_at_chain(Proof *proof, const LeaveChain *chain)
{
	ProofSite site;

	proof->chains++;
	leave_look(proof->code, proof->flow, chain, &proof->steps, &site);
	if (site.verdict != PROOF_NONE)
		add_site(proof, &site);
}

/* Goes from the last call of the chain to the callers of its function. LEAVE_LEVELS bounds the
 * recursion. FALSE if there are too many. */
static gboolean look_at_callers(Proof *proof, LeaveChain *chain)
{
	const Code *code = proof->code;
	const CodeFunction *function = code_function(code, chain->calls[chain->count - 1]);

	if (function->start == 0) {
		look_at_chain(proof, chain);
		return proof->chains < CHAINS_MAX;
	}
	if (chain->count == LEAVE_LEVELS || ++proof->attempts > CHAINS_MAX)
		return FALSE;
	for (guint32 at = 0; at < code->count; at++) {
		if (code_kind(&code->insns[at]) != CODE_CALL_FUNCTION ||
		    (code->marks[at] & CODE_MARK_SECOND) ||
		    code_target(code, at) != function->start || !flow_before(proof->flow, at))
			continue;
		chain->calls[chain->count++] = at;
		if (!look_at_callers(proof, chain))
			return FALSE;
		chain->count--;
	}
	return TRUE;
}

static void look_at_call(Proof *proof, guint32 call)
{
	LeaveChain chain = { .count = 1, .calls = { call } };

	proof->chains = 0;
	proof->attempts = 0;
	/* The kernel has removed code that is never reached. */
	if (!flow_before(proof->flow, call))
		return;
	if (!look_at_callers(proof, &chain))
		add_undecided(proof, call, PROOF_TOO_COMPLEX, call);
	else if (proof->chains == 0)
		add_undecided(proof, call, PROOF_IN_CALLBACK, call);
}

static void look_at_calls(Proof *proof)
{
	for (guint32 at = 0; at < proof->code->count; at++)
		if (!(proof->code->marks[at] & CODE_MARK_SECOND) &&
		    code_kind(&proof->code->insns[at]) == CODE_TAIL_CALL)
			look_at_call(proof, at);
}

GArray *proof_of_program(const struct bpf_insn *insns, gsize count)
{
	g_autoptr(Code) code = code_new(insns, count);
	g_autoptr(Flow) flow = NULL;
	Proof proof = {
		.code = code,
		.steps = STEPS_MAX,
		.sites = g_array_new(FALSE, FALSE, sizeof(ProofSite)),
	};

	if (code->too_long)
		add_undecided(&proof, 0, PROOF_TOO_LONG, 0);
	else if (code->strange)
		add_undecided(&proof, 0, PROOF_STRANGE, code->strange_at);
	else
		flow = flow_new(code, &proof.steps);
	proof.flow = flow;
	if (flow)
		look_at_calls(&proof);
	else if (proof.sites->len == 0)
		add_undecided(&proof, 0, PROOF_TOO_COMPLEX, 0);
	return proof.sites;
}
