/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which XDP programs have a map of AF_XDP sockets, themselves or behind a dispatcher or tail calls.
 */
#ifndef XDPSHARK_XSK_MAP_H
#define XDPSHARK_XSK_MAP_H

#include <glib.h>

typedef struct XskMaps XskMaps;

/* As it is now. */
XskMaps *xsk_maps_new(void);
void xsk_maps_free(XskMaps *maps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XskMaps, xsk_maps_free)

gboolean xsk_maps_are_used_by(XskMaps *maps, guint32 program);

#endif /* XDPSHARK_XSK_MAP_H */
