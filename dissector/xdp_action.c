/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xdp_action.h"

#include <string.h>
#include <strings.h>

static const char *const action_names[ACTION_COUNT] = {
	[ACTION_ABORTED] = "ABORTED", [ACTION_DROP] = "DROP",	      [ACTION_PASS] = "PASS",
	[ACTION_TX] = "TX",	      [ACTION_REDIRECT] = "REDIRECT",
};

bool xdp_action_find(const char *name, size_t length, bool exact, uint32_t *ret_action)
{
	for (uint32_t i = 0; i < ACTION_COUNT; i++) {
		const char *candidate = action_names[i];

		if (strlen(candidate) != length)
			continue;
		if (exact ? memcmp(name, candidate, length) != 0
			  : strncasecmp(name, candidate, length) != 0)
			continue;
		*ret_action = i;
		return true;
	}
	return false;
}

const char *xdp_action_name(uint32_t action)
{
	return action < ACTION_COUNT ? action_names[action] : NULL;
}
