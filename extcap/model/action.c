// SPDX-License-Identifier: GPL-2.0-or-later
#include "action.h"

#include <linux/bpf.h>

const char *action_name(guint action)
{
	static const char *const names[] = {
		[XDP_ABORTED] = "ABORTED", [XDP_DROP] = "DROP",		[XDP_PASS] = "PASS",
		[XDP_TX] = "TX",	   [XDP_REDIRECT] = "REDIRECT",
	};

	return action < G_N_ELEMENTS(names) ? names[action] : NULL;
}
