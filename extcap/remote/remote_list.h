/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The points of another host, as `xdpshark list` there says.
 */
#ifndef XDPSHARK_REMOTE_LIST_H
#define XDPSHARK_REMOTE_LIST_H

#include <glib.h>

#include "point.h"
#include "remote_host.h"

/* Point *. all: with those in network namespaces without a name, in *ret_nameless. Waits for the
 * host, up to half a minute. */
GPtrArray *remote_list(const RemoteHost *host, const RemoteAccess *access, gboolean all,
		       GPtrArray **ret_nameless, GError **error);

/* What xdpshark there prints for these arguments (char *). Free with g_free(). */
char *remote_ask(const RemoteHost *host, const RemoteAccess *access, const GPtrArray *words,
		 GError **error);

/* From JSON of another host, which is not trusted: FALSE if it is not what `list --json` prints. */
gboolean remote_list_parse(const char *text, GPtrArray *points, GPtrArray *nameless);

#endif /* XDPSHARK_REMOTE_LIST_H */
