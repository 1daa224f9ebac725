/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points: places where packets are looked at, and who uses them. A hook is one: a pinned program
 * array with a slot for each XDP action, through which instrumented XDP programs leave. Plain data
 * that both processes know.
 */
#ifndef XDPSHARK_POINT_H
#define XDPSHARK_POINT_H

#include <glib.h>
#include <sys/types.h>

#include "link_type.h"
#include "source_type.h"

/* A hook has a slot for each action. An array of up to 8 slots is accepted as one if slots 5 and up
 * are empty: with programs there it is somebody's dispatch table. */
#define HOOK_MAX_SLOTS 8

#define POINT_ERROR (point_error_quark())
GQuark point_error_quark(void);
typedef enum {
	POINT_ERROR_PERMISSION, /* not allowed to read bpffs or BPF objects */
	POINT_ERROR_NOT_FOUND,	/* no such pin */
	POINT_ERROR_NOT_HOOK,	/* something other than a hook is pinned there */
	POINT_ERROR_UNOWNED,	/* a program array that no program has used yet */
	POINT_ERROR_JUMP_TABLE, /* a program array, but its programs do not use it as a hook */
	POINT_ERROR_UNPROVEN,	/* a program array for which that cannot be decided */
	POINT_ERROR_FAILED,
} PointError;

/* What is known of something that the kernel does not say in so many words. */
typedef enum { FACT_UNKNOWN, FACT_NO, FACT_YES } Fact;

/* A loaded program. */
typedef struct {
	guint32 id;
	char *name;
	guint64 tag;	 /* the first 8 bytes of the hash of its instructions; 0: unknown */
	gint64 loaded;	 /* when, in seconds since 1970; 0: unknown */
	Fact btf;	 /* it has functions with names */
	Fact frags;	 /* it takes frames in fragments */
	guint32 runs_in; /* the program that it replaces a function of, for xdpshark-hookd; or 0 */
	gboolean extended;   /* another program has taken the place of its main function */
	gboolean dispatches; /* it tail-calls programs of arrays that are no hooks */
	GArray *arrays;	     /* ids of its program arrays (guint32), for xdpshark-hookd; or NULL */
} PointProgram;

/* Who runs a device's program. */
typedef enum {
	XDP_MODE_UNKNOWN,
	XDP_MODE_NATIVE,  /* the driver */
	XDP_MODE_GENERIC, /* the network stack */
	XDP_MODE_OFFLOAD, /* the device itself */
	XDP_MODE_COUNT,
} XdpMode;

/* A network device whose XDP program leads to the point, directly or through other programs. */
typedef struct {
	char *name;
	guint32 ifindex;
	guint64 namespace;	  /* inode of its network namespace */
	guint64 namespace_cookie; /* its cookie, never reused; 0: unknown (before 5.14) */
	char *namespace_name;	  /* in /run/netns; NULL: our own, or it has no name */
	gboolean own_namespace;
	guint32 program_id; /* the one in Point.programs that it leads to; 0 if there are several */
	guint8 mac[6];
	gboolean has_mac;
	guint64 speed;		  /* bits a second, 0 when unknown */
	guint16 hardware_type;	  /* ARPHRD_... */
	gboolean takes_vlan_tags; /* strips the tags of received packets before XDP: rx-vlan-offload
				   */
	char *kind;		  /* veth, bond, tun, ...; NULL for hardware */
	XdpMode mode;		  /* of the program that leads to the point */
} PointDevice;

/* An AF_XDP socket, and the process that has it. */
typedef struct {
	guint64 inode;
	guint32 pid;
	char *process; /* its name */
} PointSocket;

/* What is in a hook's slots. */
typedef struct {
	guint32 count;			  /* 0: not a hook */
	guint32 programs[HOOK_MAX_SLOTS]; /* ids, 0 = empty */
	char *names[HOOK_MAX_SLOTS];	  /* of the programs, or NULL */
} HookSlots;

/* A place where packets are looked at. */
typedef struct {
	const SourceType *type;
	char *address;	     /* see SourceType.address; for a hook, the path of its pin */
	char *name;	     /* short, for people; for a hook, the last component of its path */
	guint32 id;	     /* of the object now at the address; for a hook, of its map */
	GPtrArray *programs; /* PointProgram *, by id; for a hook, those that use the map */
	GPtrArray *devices;  /* PointDevice *, by name */
	GPtrArray *sockets;  /* PointSocket *, by inode: those that packets may be redirected to,
				as far as their processes are known */
	gboolean programs_known; /* FALSE: programs could not be read (CAP_SYS_ADMIN is needed), and
				    both arrays are empty */
	char *doubt; /* why it may be a jump table, not a hook; NULL: it is proven to be one */
	/* Why it cannot be captured, and after "; " what to do instead; NULL: it can be, as far as
	 * that is known beforehand. */
	char *refusal;
	char *hook; /* path of a hook that its packets go through, too, which costs less; or NULL */
	char *dispatcher; /* name of the program that it is a component of; or NULL */
	char *way; /* of a tc program, how it is attached and for which packets: "tcx egress"; NULL:
		      it is not one alone */
	char *group; /* address of the point that stands for it and for what comes to it later; or
			NULL */
	HookSlots slots;
} Point;

/* Where to find a point. */
typedef struct {
	const SourceType *type;
	char *address;
} PointAddress;

PointAddress *point_address_new(const SourceType *type, const char *address);
void point_address_free(PointAddress *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PointAddress, point_address_free)

/* "XDP hook fw on eth0 (program fw)", "XDP program fw on eth0 (dispatcher xdp_dispatcher)": valid
 * UTF-8 without control characters and braces. Free with
 * g_free(). */
char *point_display(const Point *point);

/* What to type for it: SCHEME:ADDRESS, or just a path. Free with g_free(). */
char *point_typed(const Point *point);

/* "eth0", or in another network namespace "eth0 (netns blue)"; names are copied unchanged. Free
 * with g_free(). */
char *point_device_format(const PointDevice *device);

/* Whether its namespace is ours or has a name. Those of containers have no name, and there may be
 * many. */
gboolean point_device_is_near(const PointDevice *device);

/* The point's device with this ifindex, or NULL if there are none or several (in different
 * namespaces). Owned by the point. */
const PointDevice *point_device(const Point *point, guint32 ifindex);

/* "native"; NULL if it is unknown. */
const char *xdp_mode_name(XdpMode mode);

/* Whether the point can be captured: it has an address, and is not refused. */
gboolean point_is_open(const Point *point);
gboolean points_any_open(const GPtrArray *points);

/* Whether both are the same point. A hook may have several addresses. */
gboolean point_is_same(const Point *point, const Point *other);

/* Whether it is a part of another one that is listed, too: a component, a program of those on a
 * device. */
gboolean point_is_part(const Point *point);

/* Of its packets. */
SourceDirection point_direction(const Point *point);

/* "egress" of a way, or NULL. */
const char *point_way_word(const Point *point);

/* Bit 1 << LinkType for each of its devices, LINK_OTHER included. */
guint point_links(const Point *point);

/* The link type to assume for a packet of an unknown device: Ethernet, unless all devices have raw
 * IP. */
LinkType point_main_link(const Point *point);

/* Adds a program, of which nothing but the id is known. */
PointProgram *point_add_program(Point *point, guint32 id);

/* Adds a copy of it. */
void point_copy_program(Point *point, const PointProgram *program);

/* The point's program with this id, or NULL. Owned by the point. */
const PointProgram *point_program(const Point *point, guint32 id);

/* The point's socket with this inode, or NULL. Owned by the point. */
const PointSocket *point_socket(const Point *point, guint64 inode);

/* To be owned by Point.sockets. */
PointSocket *point_socket_new(guint64 inode, guint32 pid, const char *process);
void point_socket_free(gpointer socket);

/* An empty point of that type, to be filled in. */
Point *point_new(const SourceType *type);
void point_free(Point *point);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Point, point_free)

#endif /* XDPSHARK_POINT_H */
