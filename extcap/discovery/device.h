/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices that carry an XDP program, in all network namespaces that may be entered.
 */
#ifndef XDPSHARK_DEVICE_H
#define XDPSHARK_DEVICE_H

#include <glib.h>

#include "point.h"

/* Native, generic and offloaded ones can be attached to one device at a time. */
#define DEVICE_MAX_PROGRAMS 3

typedef struct {
	char *name;
	guint32 ifindex;
	guint64 namespace;	  /* inode of its network namespace */
	guint64 namespace_cookie; /* its cookie, which none has again; 0: unknown (before 5.14) */
	char *namespace_name;	  /* of /run/netns, or NULL: our own, or nameless */
	gboolean own_namespace;
	guint32 programs[DEVICE_MAX_PROGRAMS]; /* ids */
	guint program_count;		       /* not 0 */
	gboolean native;		       /* the device's driver runs them */
	guint8 mac[6];
	gboolean has_mac;
	guint64 speed;		  /* bits a second, 0 when unknown */
	guint16 hardware_type;	  /* ARPHRD_... */
	gboolean takes_vlan_tags; /* off received packets, before XDP: rx-vlan-offload */
	char *kind;		  /* veth, bond, tun, ...; NULL for hardware */
	guint32 master;		  /* index of the bridge, bond, ... that it is a port of; or 0 */
	gboolean bond_port;
} Device;

/* Device *. The ports of a bond whose program is native have that program: they run it. Namespaces:
 * our own, those of /run/netns and those of processes. What may not be entered or read is left out.
 */
GPtrArray *device_list(void);

void device_free(Device *device);

/* As a point shows it. */
PointDevice *device_describe(const Device *device, guint32 program_id);

#endif /* XDPSHARK_DEVICE_H */
