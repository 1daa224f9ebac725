// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <bpf/bpf.h>

#include "hook_proof.h"
#include "xdp_program.h"

struct Guard {
	char *path;
	guint32 map_id;
	gboolean unproven;
	guint32 newest_id; /* of all programs seen so far */
};

Guard *guard_new(const char *path, guint32 map_id, gboolean unproven)
{
	Guard *guard = g_new0(Guard, 1);

	guard->path = g_strdup(path);
	guard->map_id = map_id;
	guard->unproven = unproven;
	return guard;
}

void guard_free(Guard *guard)
{
	if (!guard)
		return;
	g_free(guard->path);
	g_free(guard);
}

gboolean guard_check(Guard *guard, GError **error)
{
	/* First this: programs loaded from now on are left for the next time. */
	while (bpf_prog_get_next_id(guard->newest_id, &guard->newest_id) == 0)
		;
	return hook_proof_check(guard->map_id, guard->path, guard->unproven, error);
}

gboolean guard_check_newer(Guard *guard, GError **error)
{
	g_autoptr(GPtrArray) newer = xdp_program_list_after(&guard->newest_id);

	for (guint i = 0; newer && i < newer->len; i++)
		if (xdp_program_names(g_ptr_array_index(newer, i), guard->map_id))
			return hook_proof_check(guard->map_id, guard->path, guard->unproven, error);
	return TRUE;
}
