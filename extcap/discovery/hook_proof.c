// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_proof.h"

#include <string.h>

#include "action.h"
#include "point.h"
#include "proof.h"
#include "xdp_code.h"
#include "xdp_program.h"

/* Come after "program NAME#ID " and before the number of the instruction. */
static const char *const reasons[] = {
	[PROOF_RETURNS_UNKNOWN] = "may return something other than its index after a tail call",
	[PROOF_WRITES] = "goes on to write to memory after a tail call",
	[PROOF_WORKS] = "does more after a tail call, which a capture would leave out",
	[PROOF_WORKS_AND_RETURNS_UNKNOWN] = "does something else after a tail call",
	[PROOF_CALLS_AGAIN] = "makes another tail call after one",
	[PROOF_CALLS_ANOTHER] = "makes a tail call into another array after one",
	[PROOF_IN_CALLBACK] = "has a tail call in a function that a helper calls",
	[PROOF_TOO_COMPLEX] = "has too many paths to follow after a tail call",
	[PROOF_TOO_LONG] = "is too long to be analysed",
	[PROOF_STRANGE] = "has an unknown instruction",
};

static char *describe_program(const XdpProgram *program)
{
	return g_strdup_printf("program %s#%u", program->name, program->id);
}

static char *describe_action(guint32 number)
{
	const char *name = action_name(number);

	return name ? g_strdup(name) : g_strdup_printf("%d", (gint32)number);
}

/* NULL if there is nothing to say. */
static char *describe_site(const XdpProgram *program, const ProofSite *site)
{
	g_autofree char *name = describe_program(program);
	g_autofree char *index = describe_action(site->index);
	g_autofree char *returned = describe_action(site->returned);

	if (site->verdict == PROOF_PROVEN)
		return NULL;
	if (site->reason == PROOF_RETURNS_OTHER)
		return g_strdup_printf("%s returns %s after a tail call with the index of %s "
				       "(instruction %u)",
				       name, returned, index, site->where);
	return g_strdup_printf("%s %s (instruction %u)", name, reasons[site->reason], site->where);
}

/* The worst that was found. */
typedef struct {
	ProofVerdict verdict;
	char *text;
} Evidence;

/* Takes ownership of text. */
static void evidence_add(Evidence *evidence, ProofVerdict verdict, char *text)
{
	if (verdict <= evidence->verdict) {
		g_free(text);
		return;
	}
	g_free(evidence->text);
	evidence->text = text;
	evidence->verdict = verdict;
}

/* A call into an unknown array: any that the program refers to. */
static void look_at_unknown_call(Evidence *evidence, const XdpProgram *program,
				 const ProofSite *site)
{
	g_autofree char *name = describe_program(program);

	if (site->verdict <= PROOF_UNDECIDED || xdp_code_has_one_array(program))
		evidence_add(evidence, site->verdict, describe_site(program, site));
	else
		evidence_add(evidence, PROOF_UNDECIDED,
			     g_strdup_printf("%s has a tail call into an unknown array "
					     "(instruction %u)",
					     name, site->call));
}

static void look_at_program(Evidence *evidence, const XdpProgram *program, guint32 map_id)
{
	g_autofree char *name = describe_program(program);
	const char *reason;
	const GArray *sites = xdp_code_sites(program, &reason);

	if (!sites && reason)
		evidence_add(evidence, PROOF_UNDECIDED,
			     g_strdup_printf("the instructions of %s %s", name, reason));
	for (guint i = 0; sites && i < sites->len; i++) {
		const ProofSite *site = &g_array_index(sites, ProofSite, i);

		if (site->map_id == 0)
			look_at_unknown_call(evidence, program, site);
		else if (site->map_id == map_id)
			evidence_add(evidence, site->verdict, describe_site(program, site));
	}
}

gboolean hook_proof_look(const GPtrArray *programs, guint32 map_id, const char *path,
			 char **ret_doubt, GError **error)
{
	Evidence evidence = { PROOF_NONE, NULL };
	gboolean named = FALSE;

	*ret_doubt = NULL;
	for (guint i = 0; programs && i < programs->len; i++) {
		const XdpProgram *program = g_ptr_array_index(programs, i);

		/* In other versions of xdpshark it may return something else, but it never runs. */
		if (strcmp(program->name, KIND_PROBE) == 0 || !xdp_program_names(program, map_id))
			continue;
		named = TRUE;
		look_at_program(&evidence, program, map_id);
	}
	if (evidence.verdict == PROOF_DISPROVEN) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_JUMP_TABLE,
			    "%s: a jump table, not a hook: %s; a capture would change what "
			    "happens to packets",
			    path, evidence.text);
		g_free(evidence.text);
		return FALSE;
	}
	if (evidence.verdict == PROOF_UNDECIDED)
		*ret_doubt = evidence.text;
	else
		g_free(evidence.text);
	if (!programs)
		*ret_doubt = g_strdup("the programs that use it cannot be read");
	else if (evidence.verdict == PROOF_NONE)
		*ret_doubt = g_strdup(named ? "no program that refers to it has a tail call into it"
					    : "no loaded program uses it");
	return TRUE;
}

gboolean hook_proof_check(guint32 map_id, const char *path, gboolean unproven, GError **error)
{
	g_autoptr(GPtrArray) programs = xdp_program_list();
	g_autofree char *doubt = NULL;

	if (!hook_proof_look(programs, map_id, path, &doubt, error))
		return FALSE;
	if (!doubt || unproven)
		return TRUE;
	g_set_error(error, POINT_ERROR, POINT_ERROR_UNPROVEN,
		    "%s: perhaps a hook, perhaps a jump table: %s: only root may capture from it, "
		    "with --unproven, and what happens to packets may then change",
		    path, doubt);
	return FALSE;
}
