/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides whether a program array is a hook or somebody's jump table, by what programs do after
 * their tail calls into it (proof.h). Only reads.
 */
#ifndef XDPSHARK_HOOK_PROOF_H
#define XDPSHARK_HOOK_PROOF_H

#include <glib.h>

/* programs: from xdp_program_list(), NULL if we may not read them. FALSE with error
 * (POINT_ERROR_JUMP_TABLE), which says which program does what, if the map is a jump table.
 * Otherwise *ret_doubt is NULL if it is proven to be a hook, or says why not; free it with
 * g_free(). path is for messages. */
gboolean hook_proof_look(const GPtrArray *programs, guint32 map_id, const char *path,
			 char **ret_doubt, GError **error);

/* Checks whether a capture may take the slots of the map: if it is a hook, or if that cannot be
 * decided and unproven is set (else POINT_ERROR_UNPROVEN). */
gboolean hook_proof_check(guint32 map_id, const char *path, gboolean unproven, GError **error);

#endif /* XDPSHARK_HOOK_PROOF_H */
