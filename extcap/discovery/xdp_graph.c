/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which XDP programs lead to which others. This is read on demand, as most maps of most programs
 * hold no programs.
 */
#include "xdp_graph.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "xdp_program.h"

/* Maximum number of elements read in the life of a graph: some 20 ms. */
#define MAX_LOOKUPS 32768

/* Maps whose elements hold programs. In struct bpf_devmap_val and bpf_cpumap_val the program's id
 * is the second word; devmaps with 4-byte values hold no programs. */
static const struct {
	guint32 type;
	guint32 value_size;
	guint32 word;
} holders[] = {
	{ BPF_MAP_TYPE_PROG_ARRAY, 4, 0 },
	{ BPF_MAP_TYPE_DEVMAP, 8, 1 },
	{ BPF_MAP_TYPE_DEVMAP_HASH, 8, 1 },
	{ BPF_MAP_TYPE_CPUMAP, 8, 1 },
};

/* Above all ids of types in a program's BTF. */
#define NO_BTF_ID 0x80000000

struct XdpGraph {
	const GPtrArray *programs;
	GHashTable *held; /* map id to a GArray with the ids of programs in it */
	/* program id to a GArray of what has replaced its functions: XdpReplacement */
	GHashTable *replaced;
	guint lookups; /* number left */
};

static void ids_free(gpointer ids)
{
	g_array_free(ids, TRUE);
}

static GArray *ids_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(guint32));
}

static void add_replacement(XdpGraph *graph, guint32 target, guint32 function, guint32 id)
{
	const XdpReplacement replacement = { .program = id, .function = function };
	GArray *all = g_hash_table_lookup(graph->replaced, GUINT_TO_POINTER(target));

	if (!all) {
		all = g_array_new(FALSE, FALSE, sizeof(XdpReplacement));
		g_hash_table_insert(graph->replaced, GUINT_TO_POINTER(target), all);
	}
	g_array_append_val(all, replacement);
}

static gboolean is_extension(const XdpGraph *graph, guint32 id)
{
	const XdpProgram *program = xdp_program_find(graph->programs, id);

	return program && program->type == BPF_PROG_TYPE_EXT;
}

/* FALSE if the kernel does not say what it replaces: 5.13 does. */
static gboolean add_link(XdpGraph *graph, const struct bpf_link_info *info)
{
	if (info->type != BPF_LINK_TYPE_TRACING || !is_extension(graph, info->prog_id))
		return TRUE;
	if (info->tracing.target_obj_id == 0)
		return FALSE;
	add_replacement(graph, info->tracing.target_obj_id, info->tracing.target_btf_id,
			info->prog_id);
	return TRUE;
}

static guint32 pinned_program(int pin)
{
	struct bpf_prog_info info = { 0 };
	guint32 length = sizeof(info);
	int fd = bpffs_get(pin, BPF_F_RDONLY);

	/* Programs cannot be opened for reading alone. */
	if (fd < 0)
		fd = bpffs_get(pin, 0);
	if (fd < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		info.id = 0;
	close(fd);
	return info.id;
}

/* libxdp pins them as .../dispatch-IFINDEX-DISPATCHER/progN-prog. */
static gboolean visit_pin(int pin, const char *path, gpointer data)
{
	XdpGraph *graph = data;
	const char *folder = strstr(path, "/dispatch-");
	guint ifindex, target, place;
	int end = 0;
	guint32 id;

	if (!folder ||
	    sscanf(folder, "/dispatch-%u-%u/prog%u-prog%n", &ifindex, &target, &place, &end) != 3 ||
	    end == 0 || folder[end] != '\0')
		return TRUE;
	id = pinned_program(pin);
	if (is_extension(graph, id))
		add_replacement(graph, target, NO_BTF_ID + place, id);
	return TRUE;
}

static gint compare_functions(gconstpointer a, gconstpointer b)
{
	const XdpReplacement *first = a, *second = b;

	return first->function < second->function ? -1 : first->function > second->function;
}

static void sort_replacements(gpointer key G_GNUC_UNUSED, gpointer all, gpointer data G_GNUC_UNUSED)
{
	g_array_sort(all, compare_functions);
}

/* Reads the links of replaced functions. */
static void graph_read_links(XdpGraph *graph)
{
	gboolean told = TRUE;
	guint denied = 0;
	guint32 id = 0;

	while (bpf_link_get_next_id(id, &id) == 0) {
		struct bpf_link_info info = { 0 };
		guint32 length = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &length) == 0)
			told &= add_link(graph, &info);
		close(fd);
	}
	if (!told)
		bpffs_walk(visit_pin, graph, &denied);
	g_hash_table_foreach(graph->replaced, sort_replacements, NULL);
}

const GArray *xdp_graph_replacements(const XdpGraph *graph, guint32 id)
{
	return g_hash_table_lookup(graph->replaced, GUINT_TO_POINTER(id));
}

XdpGraph *xdp_graph_new(const GPtrArray *programs)
{
	XdpGraph *graph = g_new0(XdpGraph, 1);

	graph->programs = programs;
	graph->held = g_hash_table_new_full(NULL, NULL, NULL, ids_free);
	graph->replaced = g_hash_table_new_full(NULL, NULL, NULL, ids_free);
	graph->lookups = MAX_LOOKUPS;
	for (guint i = 0; i < programs->len; i++) {
		const XdpProgram *program = g_ptr_array_index(programs, i);

		if (program->type == BPF_PROG_TYPE_EXT) {
			graph_read_links(graph);
			break;
		}
	}
	return graph;
}

void xdp_graph_free(XdpGraph *graph)
{
	if (!graph)
		return;
	g_hash_table_unref(graph->held);
	g_hash_table_unref(graph->replaced);
	g_free(graph);
}

void xdp_graph_add_array(XdpGraph *graph, guint32 map_id, const guint32 *slots, guint slot_count)
{
	GArray *ids = ids_new();

	for (guint i = 0; i < slot_count; i++) {
		if (slots[i] != 0)
			g_array_append_val(ids, slots[i]);
	}
	g_hash_table_insert(graph->held, GUINT_TO_POINTER(map_id), ids);
}

/* All maps here have 4-byte keys. */
static void map_read(XdpGraph *graph, int fd, guint32 word, GArray *ids)
{
	guint32 *previous = NULL;
	guint32 key;

	while (graph->lookups > 0 && bpf_map_get_next_key(fd, previous, &key) == 0) {
		guint32 value[2] = { 0 };

		graph->lookups--;
		if (bpf_map_lookup_elem(fd, &key, value) == 0 && value[word] != 0)
			g_array_append_val(ids, value[word]);
		previous = &key;
	}
}

static void map_read_if_holder(XdpGraph *graph, int fd, GArray *ids)
{
	struct bpf_map_info info = { 0 };
	guint32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0 || info.key_size != sizeof(guint32))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(holders); i++) {
		if (info.type == holders[i].type && info.value_size == holders[i].value_size)
			map_read(graph, fd, holders[i].word, ids);
	}
}

static const GArray *graph_held_by(XdpGraph *graph, guint32 map_id)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, options, .open_flags = BPF_F_RDONLY);
	GArray *ids = g_hash_table_lookup(graph->held, GUINT_TO_POINTER(map_id));
	int fd;

	if (ids)
		return ids;
	ids = ids_new();
	g_hash_table_insert(graph->held, GUINT_TO_POINTER(map_id), ids);
	fd = bpf_map_get_fd_by_id_opts(map_id, &options);
	if (fd >= 0) {
		map_read_if_holder(graph, fd, ids);
		close(fd);
	}
	return ids;
}

static void reach_add_one(GArray *reached, GHashTable *seen, guint32 id)
{
	if (g_hash_table_add(seen, GUINT_TO_POINTER(id)))
		g_array_append_val(reached, id);
}

static void reach_add(GArray *reached, GHashTable *seen, const GArray *ids)
{
	for (guint i = 0; i < ids->len; i++)
		reach_add_one(reached, seen, g_array_index(ids, guint32, i));
}

static void reach_add_replacements(GArray *reached, GHashTable *seen, const GArray *all)
{
	for (guint i = 0; all && i < all->len; i++)
		reach_add_one(reached, seen, g_array_index(all, XdpReplacement, i).program);
}

GArray *xdp_graph_reach(XdpGraph *graph, guint32 id)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	GArray *reached = ids_new();

	g_array_append_val(reached, id);
	g_hash_table_add(seen, GUINT_TO_POINTER(id));
	/* reached grows during the loop; each program is in it once. */
	for (guint i = 0; i < reached->len; i++) {
		guint32 next = g_array_index(reached, guint32, i);
		const XdpProgram *program = xdp_program_find(graph->programs, next);

		reach_add_replacements(reached, seen, xdp_graph_replacements(graph, next));
		for (guint j = 0; program && j < program->map_count; j++)
			reach_add(reached, seen, graph_held_by(graph, program->map_ids[j]));
	}
	return reached;
}
