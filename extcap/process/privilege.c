// SPDX-License-Identifier: GPL-2.0-or-later
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>

#define PRIVILEGE_ERROR (g_quark_from_static_string("xdpshark_privilege_error"))

gboolean privilege_drop(GError **error)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && capng_apply(CAPNG_SELECT_CAPS) == 0)
		return TRUE;
	g_set_error(error, PRIVILEGE_ERROR, 0, "cannot drop privileges: %s", g_strerror(errno));
	return FALSE;
}
