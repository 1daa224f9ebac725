// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_map.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "xdp_graph.h"
#include "xdp_program.h"

struct XskMaps {
	GPtrArray *programs; /* XdpProgram * that have one, by id */
	GPtrArray *all;	     /* XdpProgram *; NULL: they cannot be read */
	XdpGraph *graph;     /* NULL until it is needed */
};

static gboolean is_socket_map(guint32 id)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);
	gboolean is = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
		      info.type == BPF_MAP_TYPE_XSKMAP;

	if (fd >= 0)
		close(fd);
	return is;
}

static gboolean has_socket_map(const XdpProgram *program)
{
	for (guint i = 0; i < program->map_count; i++)
		if (is_socket_map(program->map_ids[i]))
			return TRUE;
	return FALSE;
}

XskMaps *xsk_maps_new(void)
{
	XskMaps *maps = g_new0(XskMaps, 1);

	maps->all = xdp_program_list();
	maps->programs = g_ptr_array_new();
	for (guint i = 0; maps->all && i < maps->all->len; i++) {
		XdpProgram *program = g_ptr_array_index(maps->all, i);

		if (has_socket_map(program))
			g_ptr_array_add(maps->programs, program);
	}
	return maps;
}

void xsk_maps_free(XskMaps *maps)
{
	if (!maps)
		return;
	if (maps->graph)
		xdp_graph_free(maps->graph);
	g_ptr_array_unref(maps->programs);
	g_clear_pointer(&maps->all, g_ptr_array_unref);
	g_free(maps);
}

gboolean xsk_maps_are_used_by(XskMaps *maps, guint32 program)
{
	g_autoptr(GArray) reached = NULL;

	if (maps->programs->len == 0)
		return FALSE;
	if (!maps->graph)
		maps->graph = xdp_graph_new(maps->all);
	reached = xdp_graph_reach(maps->graph, program);
	for (guint i = 0; i < reached->len; i++)
		if (xdp_program_find(maps->programs, g_array_index(reached, guint32, i)))
			return TRUE;
	return FALSE;
}
