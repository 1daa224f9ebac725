/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XDP programs that the kernel has loaded.
 */
#ifndef XDPSHARK_XDP_PROGRAM_H
#define XDPSHARK_XDP_PROGRAM_H

#include <glib.h>
#include <linux/bpf.h>

#include "point.h"

/* Name of the programs that find out the kind. They are short-lived, and do not count as users of a
 * hook. */
#define KIND_PROBE "xdpshark_probe"

typedef struct {
	guint32 id;
	guint32 type;	   /* BPF_PROG_TYPE_XDP or, a component of libxdp, BPF_PROG_TYPE_EXT */
	guint64 load_time; /* in ns since boot */
	guint64 tag;
	gboolean has_functions; /* its BTF names them */
	char name[BPF_OBJ_NAME_LEN];
	guint map_count;
	guint32 map_ids[]; /* of the maps that it refers to */
} XdpProgram;

/* The program with this id, to be freed by g_free(); NULL if it is gone, or of another type. */
XdpProgram *xdp_program_read(guint32 id);

/* The same of whatever type. */
XdpProgram *xdp_program_read_any(guint32 id);

/* Fills in what the kernel says of it, but for the name. */
void xdp_program_describe(const XdpProgram *program, PointProgram *ret_described);

/* The loaded programs of both types, by id: XdpProgram *. NULL with errno, most likely EPERM: this
 * needs CAP_SYS_ADMIN. */
GPtrArray *xdp_program_list(void);

/* Those with ids above *last, which becomes the highest id of all programs (of any type): those
 * loaded since the last call. */
GPtrArray *xdp_program_list_after(guint32 *last);

/* True if the program refers to the map. */
gboolean xdp_program_names(const XdpProgram *program, guint32 map_id);

/* The program with this id, or NULL. Owned by the array. */
const XdpProgram *xdp_program_find(const GPtrArray *programs, guint32 id);

#endif /* XDPSHARK_XDP_PROGRAM_H */
