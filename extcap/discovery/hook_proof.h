/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a program array is a hook or somebody's jump table, by what the programs that name it do
 * behind their tail calls into it (proof.h). Only reads.
 */
#ifndef XDPSHARK_HOOK_PROOF_H
#define XDPSHARK_HOOK_PROOF_H

#include <glib.h>

/* programs: of xdp_program_list(), NULL if they may not be read. FALSE with error
 * (POINT_ERROR_JUMP_TABLE) if it is a jump table: says which program does what. Else *ret_doubt is
 * NULL if it is proven to be a hook, or says why not; to be freed by g_free(). path is for
 * messages. */
gboolean hook_proof_look(const GPtrArray *programs, guint32 map_id, const char *path,
			 char **ret_doubt, GError **error);

/* Whether a capture may take the slots of that map: if it is a hook, or with unproven also if that
 * cannot be told (else POINT_ERROR_UNPROVEN). */
gboolean hook_proof_check(guint32 map_id, const char *path, gboolean unproven, GError **error);

#endif /* XDPSHARK_HOOK_PROOF_H */
