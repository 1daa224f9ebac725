/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices, in all network namespaces that we may enter.
 */
#ifndef XDPSHARK_DEVICE_H
#define XDPSHARK_DEVICE_H

#include <glib.h>

#include "point.h"
#include "tc_find.h"

/* A native, a generic and an offloaded one can be attached to a device at a time. */
#define DEVICE_MAX_PROGRAMS 3

typedef struct {
	char *name;
	guint32 ifindex;
	guint64 namespace;	  /* inode of its network namespace */
	guint64 namespace_cookie; /* its cookie, which is never reused; 0: unknown (before 5.14) */
	char *namespace_name;	  /* in /run/netns, or NULL: our own, or nameless */
	gboolean own_namespace;
	/* Program ids; what the device itself runs comes last. */
	guint32 programs[DEVICE_MAX_PROGRAMS];
	XdpMode modes[DEVICE_MAX_PROGRAMS];
	guint program_count;
	GArray *tc; /* TcProgram, in the order in which they run; NULL: none, or not looked for */
	gboolean has_sockets; /* AF_XDP sockets are bound to it; only in device_list_all() */
	gboolean native;      /* the device's driver runs them */
	guint8 mac[6];
	gboolean has_mac;
	guint64 speed;		  /* bits per second, 0 if unknown */
	guint16 hardware_type;	  /* ARPHRD_... */
	gboolean takes_vlan_tags; /* from received packets, before XDP: rx-vlan-offload */
	char *kind;		  /* veth, bond, tun, ...; NULL for hardware */
	guint32 master;		  /* index of the bridge, bond, ... that it is a port of, or 0 */
	gboolean bond_port;
} Device;

/* Those that carry an XDP program: Device *. If the program of a bond is native, its ports have it
 * too: they run it. Namespaces: our own, those in /run/netns and those of processes. What we may
 * not enter or read is left out. */
GPtrArray *device_list(void);

/* The same for one network namespace: our own (NULL), or that of this name. */
GPtrArray *device_list_in(const char *namespace_name);

/* All devices, of all namespaces or of one. What rtnetlink does not report is only known of those
 * with a program or sockets. */
GPtrArray *device_list_all(void);
GPtrArray *device_list_all_in(const char *namespace_name);

/* Those with programs of tc, of all namespaces, or of one if that is `here`. */
GPtrArray *device_list_tc(gboolean here, const char *namespace_name);

/* The cookie of our own network namespace; 0: unknown. */
guint64 device_own_cookie(void);

void device_free(Device *device);

/* Its name, or NAMESPACE:NAME in another namespace; NULL if that has no name. */
char *device_address(const Device *device);

/* For sorting: our own namespace first, then by namespace. */
gint device_compare(gconstpointer a, gconstpointer b);

/* As a point shows it that this one of its programs leads to. program_id: see PointDevice. */
PointDevice *device_describe(const Device *device, guint32 program_id, guint slot);

#endif /* XDPSHARK_DEVICE_H */
