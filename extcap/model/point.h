/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points: places where packets are looked at, and who uses them. A hook is one: a pinned program
 * array with a slot for each XDP action, through which instrumented XDP programs leave. Plain data,
 * which both processes know.
 */
#ifndef XDPSHARK_POINT_H
#define XDPSHARK_POINT_H

#include <glib.h>
#include <sys/types.h>

#include "link_type.h"
#include "source_type.h"

/* A hook has a slot for each action; up to 8 slots are taken for one. Slots from 5 on must be
 * empty: with programs in them the array is somebody's dispatch table. */
#define HOOK_MAX_SLOTS 8

#define POINT_ERROR (point_error_quark())
GQuark point_error_quark(void);
typedef enum {
	POINT_ERROR_PERMISSION, /* not allowed to read bpffs or BPF objects */
	POINT_ERROR_NOT_FOUND,	/* no such pin */
	POINT_ERROR_NOT_HOOK,	/* something else than a hook is pinned there */
	POINT_ERROR_UNOWNED,	/* a program array that no program uses yet */
	POINT_ERROR_JUMP_TABLE, /* a program array that is no hook by what is done behind it */
	POINT_ERROR_UNPROVEN,	/* one of which that cannot be told */
	POINT_ERROR_FAILED,
} PointError;

/* A loaded program. */
typedef struct {
	guint32 id;
	char *name;
} PointProgram;

/* A network device whose XDP program leads to the point, directly or over other programs. */
typedef struct {
	char *name;
	guint32 ifindex;
	guint64 namespace;	  /* inode of its network namespace */
	guint64 namespace_cookie; /* its cookie, which none has again; 0: unknown (before 5.14) */
	char *namespace_name;	  /* of /run/netns, or NULL: our own, or nameless */
	gboolean own_namespace;
	guint32 program_id; /* of those in Point.programs the one that it leads to; 0 if there are
			       several */
	guint8 mac[6];
	gboolean has_mac;
	guint64 speed;		  /* bits a second, 0 when unknown */
	guint16 hardware_type;	  /* ARPHRD_... */
	gboolean takes_vlan_tags; /* off received packets, before XDP: rx-vlan-offload */
	char *kind;		  /* veth, bond, tun, ...; NULL for hardware */
} PointDevice;

/* What is in a hook's slots. */
typedef struct {
	guint32 count;			  /* 0: it is no hook */
	guint32 programs[HOOK_MAX_SLOTS]; /* ids, 0 = empty */
	char *names[HOOK_MAX_SLOTS];	  /* of these programs, or NULL */
} HookSlots;

/* A place where packets are looked at. */
typedef struct {
	const SourceType *type;
	char *address;		 /* of its source type's kind: of a hook, the path of its pin */
	char *name;		 /* short, for people: of a hook, the last component of its path */
	guint32 id;		 /* of what stands at the address now: of a hook, its map's */
	GPtrArray *programs;	 /* PointProgram *: of a hook, those that name the map; by id */
	GPtrArray *devices;	 /* PointDevice *, by name */
	gboolean programs_known; /* FALSE: programs could not be read (that needs CAP_SYS_ADMIN), so
				    that both arrays are empty */
	char *doubt; /* why it may be a jump table, not a hook; NULL: it is proven to be one */
	HookSlots slots;
} Point;

/* Where a point is to be found. */
typedef struct {
	const SourceType *type;
	char *address;
} PointAddress;

PointAddress *point_address_new(const SourceType *type, const char *address);
void point_address_free(PointAddress *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PointAddress, point_address_free)

/* "XDP hook fw on eth0 (program fw)": valid UTF-8 without control characters and braces. To be
 * freed by g_free(). */
char *point_display(const Point *point);

/* How it is typed: SCHEME:ADDRESS, or a path alone. To be freed by g_free(). */
char *point_typed(const Point *point);

/* "eth0", or in another network namespace "eth0 (netns blue)"; names as they are. To be freed by
 * g_free(). */
char *point_device_format(const PointDevice *device);

/* Whether its namespace is ours or has a name. Those of containers have none, and may be many. */
gboolean point_device_is_near(const PointDevice *device);

/* The device of the point with this ifindex, or NULL when there is none or several (in different
 * namespaces). Owned by the point. */
const PointDevice *point_device(const Point *point, guint32 ifindex);

/* A point may be there under several addresses. */
gboolean point_is_same(const Point *point, const Point *other);

/* Bit 1 << LinkType for each of its devices', LINK_OTHER among them. */
guint point_links(const Point *point);

/* That of most people's packets: Ethernet unless all devices have raw IP. */
LinkType point_main_link(const Point *point);

/* The program of the point with this id, or NULL. Owned by the point. */
const PointProgram *point_program(const Point *point, guint32 id);

/* An empty one of that type, to be filled in. */
Point *point_new(const SourceType *type);
void point_free(Point *point);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Point, point_free)

#endif /* XDPSHARK_POINT_H */
