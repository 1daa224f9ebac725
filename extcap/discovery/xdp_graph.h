/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which XDP programs lead to which others.
 */
#ifndef XDPSHARK_XDP_GRAPH_H
#define XDPSHARK_XDP_GRAPH_H

#include <glib.h>

typedef struct XdpGraph XdpGraph;

/* programs: from xdp_program_list(), must outlive the graph. */
XdpGraph *xdp_graph_new(const GPtrArray *programs);

/* Adds a program array that the caller has read, so that the graph need not: slots has program ids,
 * 0 for empty ones. */
void xdp_graph_add_array(XdpGraph *graph, guint32 map_id, const guint32 *slots, guint slot_count);

/* A program that has taken the place of another one's function (freplace). */
typedef struct {
	guint32 program;  /* its id */
	guint32 function; /* BTF id of the function, in the BTF of the other one; before Linux 5.13
			     no such id, but in the order of libxdp's places */
} XdpReplacement;

/* Those in a program, in the order of the functions: XdpReplacement. NULL if there are none. Owned
 * by the graph. */
const GArray *xdp_graph_replacements(const XdpGraph *graph, guint32 id);

/* The ids (guint32) of the program itself and of all programs that it leads to: through tail calls,
 * replaced functions (freplace), and programs in devmaps and cpumaps. */
GArray *xdp_graph_reach(XdpGraph *graph, guint32 id);

void xdp_graph_free(XdpGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XdpGraph, xdp_graph_free)

#endif /* XDPSHARK_XDP_GRAPH_H */
