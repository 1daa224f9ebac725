/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks: pinned program arrays with a slot for each XDP action, through which instrumented XDP
 * programs leave, and who uses them. Plain data, which both processes know.
 */
#ifndef XDPSHARK_HOOK_H
#define XDPSHARK_HOOK_H

#include <glib.h>
#include <sys/types.h>

#include "link_type.h"

/* A hook has a slot for each action; up to 8 slots are taken for one. Slots from 5 on must be
 * empty: with programs in them the array is somebody's dispatch table. */
#define HOOK_MAX_SLOTS 8

#define HOOK_ERROR (hook_error_quark())
GQuark hook_error_quark(void);
typedef enum {
	HOOK_ERROR_PERMISSION, /* not allowed to read bpffs or BPF objects */
	HOOK_ERROR_NOT_FOUND,  /* no such pin */
	HOOK_ERROR_NOT_HOOK,   /* something else than a hook is pinned there */
	HOOK_ERROR_UNOWNED,    /* a program array that no program uses yet */
	HOOK_ERROR_JUMP_TABLE, /* a program array that is no hook by what is done behind it */
	HOOK_ERROR_UNPROVEN,   /* one of which that cannot be told */
	HOOK_ERROR_FAILED,
} HookError;

/* A loaded program. */
typedef struct {
	guint32 id;
	char *name;
} HookProgram;

/* A network device whose XDP program leads to the hook, directly or over other programs. */
typedef struct {
	char *name;
	guint32 ifindex;
	guint64 namespace;	  /* inode of its network namespace */
	guint64 namespace_cookie; /* its cookie, which none has again; 0: unknown (before 5.14) */
	char *namespace_name;	  /* of /run/netns, or NULL: our own, or nameless */
	gboolean own_namespace;
	guint32 program_id; /* of those in Hook.programs the one that it leads to; 0 if there are
			       several */
	guint8 mac[6];
	gboolean has_mac;
	guint64 speed;		  /* bits a second, 0 when unknown */
	guint16 hardware_type;	  /* ARPHRD_... */
	gboolean takes_vlan_tags; /* off received packets, before XDP: rx-vlan-offload */
	char *kind;		  /* veth, bond, tun, ...; NULL for hardware */
} HookDevice;

typedef struct {
	char *path; /* of the pin */
	char *name; /* its last component */
	guint32 map_id;
	guint32 slot_count;
	guint32 slots[HOOK_MAX_SLOTS];	  /* program id, 0 = empty */
	char *slot_names[HOOK_MAX_SLOTS]; /* name of the program in the slot, or NULL */
	GPtrArray *programs;		  /* HookProgram *, those that name the map, by id */
	GPtrArray *devices;		  /* HookDevice *, by name */
	char *doubt; /* why it may be a jump table and no hook; NULL: it is proven to be one */
	gboolean programs_known; /* FALSE: programs could not be read (that needs CAP_SYS_ADMIN), so
				    that both arrays are empty */
} Hook;

/* "XDP hook fw on eth0 (program fw)": valid UTF-8 without control characters and braces. To be
 * freed by g_free(). */
char *hook_display(const Hook *hook);

/* "eth0", or in another network namespace "eth0 (netns blue)"; names as they are. To be freed by
 * g_free(). */
char *hook_device_format(const HookDevice *device);

/* Whether its namespace is ours or has a name. Those of containers have none, and may be many. */
gboolean hook_device_is_near(const HookDevice *device);

/* The device of the hook with this ifindex, or NULL when there is none or several (in different
 * namespaces). Owned by the hook. */
const HookDevice *hook_device(const Hook *hook, guint32 ifindex);

/* Bit 1 << LinkType for each of its devices', LINK_OTHER among them. */
guint hook_links(const Hook *hook);

/* That of most people's packets: Ethernet unless all devices have raw IP. */
LinkType hook_main_link(const Hook *hook);

/* The program of the hook with this id, or NULL. Owned by the hook. */
const HookProgram *hook_program(const Hook *hook, guint32 id);

/* An empty one, to be filled in. */
Hook *hook_new(void);
void hook_free(Hook *hook);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hook, hook_free)

#endif /* XDPSHARK_HOOK_H */
