/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks: pinned program arrays with a slot for each XDP action. Finds them and their users, in one
 * pass over programs and devices for all hooks.
 */
#include "hook_find.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "device.h"
#include "hook_map.h"
#include "hook_proof.h"
#include "xdp_graph.h"
#include "xdp_program.h"

static void hook_free_item(gpointer hook)
{
	point_free(hook);
}

static Point *hook_of_map(const char *path, const HookMap *map)
{
	Point *hook = point_new(&source_hook);

	hook->address = g_strdup(path);
	hook->name = g_path_get_basename(path);
	hook->id = map->id;
	hook->slots.count = map->slot_count;
	memcpy(hook->slots.programs, map->slots, sizeof(hook->slots.programs));
	return hook;
}

/* Map id to a GPtrArray of the hooks with that map, which may have several pins. */
static GHashTable *index_by_map(const GPtrArray *hooks)
{
	GHashTable *index =
		g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < hooks->len; i++) {
		Point *hook = g_ptr_array_index(hooks, i);
		gpointer key = GUINT_TO_POINTER(hook->id);
		GPtrArray *same = g_hash_table_lookup(index, key);

		if (!same) {
			same = g_ptr_array_new();
			g_hash_table_insert(index, key, same);
		}
		g_ptr_array_add(same, hook);
	}
	return index;
}

static void add_program(Point *hook, const XdpProgram *program)
{
	PointProgram *item = point_add_program(hook, program->id);

	xdp_program_describe(program, item);
	item->name = g_strdup(program->name);
}

/* Returns TRUE if there are any. */
static gboolean add_programs(GHashTable *index, const GPtrArray *programs)
{
	gboolean found = FALSE;

	for (guint i = 0; i < programs->len; i++) {
		const XdpProgram *program = g_ptr_array_index(programs, i);

		if (strcmp(program->name, KIND_PROBE) == 0)
			continue;
		for (guint j = 0; j < program->map_count; j++) {
			GPtrArray *hooks =
				g_hash_table_lookup(index, GUINT_TO_POINTER(program->map_ids[j]));

			for (guint k = 0; hooks && k < hooks->len; k++) {
				add_program(g_ptr_array_index(hooks, k), program);
				found = TRUE;
			}
		}
	}
	return found;
}

static void name_slots(Point *hook, const GPtrArray *programs)
{
	for (guint32 i = 0; i < hook->slots.count; i++) {
		const XdpProgram *program = xdp_program_find(programs, hook->slots.programs[i]);

		if (program)
			hook->slots.names[i] = g_strdup(program->name);
	}
}

static PointDevice *find_device(const Point *hook, const Device *device)
{
	for (guint i = 0; i < hook->devices->len; i++) {
		PointDevice *item = g_ptr_array_index(hook->devices, i);

		if (item->ifindex == device->ifindex && item->namespace == device->namespace)
			return item;
	}
	return NULL;
}

static void add_device(Point *hook, const Device *device, guint32 program_id, guint slot)
{
	PointDevice *item = find_device(hook, device);

	if (item) {
		if (item->program_id != program_id)
			item->program_id = 0;
		return;
	}
	item = device_describe(device, program_id, slot);
	g_ptr_array_add(hook->devices, item);
}

static void add_device_to_hooks(GHashTable *index, const GPtrArray *programs, const GArray *reached,
				const Device *device, guint slot)
{
	for (guint i = 0; i < reached->len; i++) {
		guint32 id = g_array_index(reached, guint32, i);
		const XdpProgram *program = xdp_program_find(programs, id);

		for (guint j = 0; program && j < program->map_count; j++) {
			GPtrArray *hooks =
				g_hash_table_lookup(index, GUINT_TO_POINTER(program->map_ids[j]));

			for (guint k = 0; hooks && k < hooks->len; k++)
				add_device(g_ptr_array_index(hooks, k), device, id, slot);
		}
	}
}

static gint compare_devices(gconstpointer a, gconstpointer b)
{
	const PointDevice *first = *(PointDevice *const *)a;
	const PointDevice *second = *(PointDevice *const *)b;

	if (first->own_namespace != second->own_namespace)
		return second->own_namespace - first->own_namespace;
	if (strcmp(first->name, second->name) != 0)
		return strcmp(first->name, second->name);
	if (g_strcmp0(first->namespace_name, second->namespace_name) != 0)
		return g_strcmp0(first->namespace_name, second->namespace_name);
	return first->namespace < second->namespace ? -1 : first->namespace > second->namespace;
}

static void sort_devices(GPtrArray *hooks)
{
	for (guint i = 0; i < hooks->len; i++)
		g_ptr_array_sort(((Point *)g_ptr_array_index(hooks, i))->devices, compare_devices);
}

static void add_devices(GPtrArray *hooks, GHashTable *index, const GPtrArray *programs)
{
	g_autoptr(XdpGraph) graph = xdp_graph_new(programs);
	g_autoptr(GPtrArray) devices = device_list();

	for (guint i = 0; i < hooks->len; i++) {
		const Point *hook = g_ptr_array_index(hooks, i);

		xdp_graph_add_array(graph, hook->id, hook->slots.programs, hook->slots.count);
	}
	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);

		for (guint j = 0; j < device->program_count; j++) {
			g_autoptr(GArray) reached = xdp_graph_reach(graph, device->programs[j]);

			add_device_to_hooks(index, programs, reached, device, j);
		}
	}
	sort_devices(hooks);
}

/* Removes jump tables from the hooks; error has the reason for the first one. */
static void prove(GPtrArray *hooks, const GPtrArray *programs, GError **error)
{
	for (guint i = hooks->len; i-- > 0;) {
		Point *hook = g_ptr_array_index(hooks, i);
		GError *reason = NULL;

		if (hook_proof_look(programs, hook->id, hook->address, &hook->doubt, &reason))
			continue;
		g_clear_error(error);
		g_propagate_error(error, reason);
		g_ptr_array_remove_index(hooks, i);
	}
}

/* Adds their users to the hooks, as far as we may see them, and removes jump tables. */
static void add_users(GPtrArray *hooks, GError **error)
{
	g_autoptr(GHashTable) index = NULL;
	g_autoptr(GPtrArray) programs = NULL;

	if (hooks->len == 0)
		return;
	programs = xdp_program_list();
	prove(hooks, programs, error);
	if (!programs)
		return;
	for (guint i = 0; i < hooks->len; i++) {
		Point *hook = g_ptr_array_index(hooks, i);

		hook->programs_known = TRUE;
		name_slots(hook, programs);
	}
	index = index_by_map(hooks);
	if (add_programs(index, programs))
		add_devices(hooks, index, programs);
}

typedef struct {
	GPtrArray *hooks;
	guint denied;
	guint readable; /* readable objects, hooks or not */
} Collection;

static gboolean collect(int pin, const char *path, gpointer data)
{
	g_autoptr(GError) error = NULL;
	Collection *collection = data;
	HookMap map;

	if (!hook_map_open(pin, path, BPF_F_RDONLY, &map, &error)) {
		if (g_error_matches(error, POINT_ERROR, POINT_ERROR_PERMISSION))
			collection->denied++;
		else
			collection->readable++;
		return TRUE;
	}
	close(map.fd);
	collection->readable++;
	g_ptr_array_add(collection->hooks, hook_of_map(path, &map));
	return TRUE;
}

static gint compare_hooks(gconstpointer a, gconstpointer b)
{
	return strcmp((*(Point *const *)a)->address, (*(Point *const *)b)->address);
}

GPtrArray *hook_list(GError **error)
{
	g_autoptr(GPtrArray) hooks = g_ptr_array_new_with_free_func(hook_free_item);
	Collection collection = { .hooks = hooks };
	guint denied = 0;
	int result = bpffs_walk(collect, &collection, &denied);

	if (result < 0) {
		hook_map_set_error(error, -result, "/proc/self/mountinfo", "read the mounts");
		return NULL;
	}
	if (collection.readable == 0 && denied + collection.denied > 0) {
		hook_map_set_error(error, EACCES, "bpffs", "look for hooks");
		return NULL;
	}
	add_users(hooks, NULL);
	g_ptr_array_sort(hooks, compare_hooks);
	return g_steal_pointer(&hooks);
}

static const struct {
	int code;
	PointError error;
	const char *text;
} open_errors[] = {
	{ EINVAL, POINT_ERROR_NOT_FOUND,
	  "give the absolute path of a pin, as xdpshark list shows it" },
	{ ENODEV, POINT_ERROR_NOT_FOUND,
	  "not below a mounted bpffs, where hooks are pinned (xdpshark list shows the hooks)" },
	{ ENOENT, POINT_ERROR_NOT_FOUND,
	  "nothing is pinned there (xdpshark list shows the hooks)" },
	{ ENOTDIR, POINT_ERROR_NOT_FOUND,
	  "nothing is pinned there: a part of it is not a directory" },
	{ EXDEV, POINT_ERROR_NOT_HOOK,
	  "leads into another mount: give the path of the pin itself" },
	{ EISDIR, POINT_ERROR_NOT_HOOK,
	  "a directory: give the path of a pin in it (xdpshark list shows the hooks)" },
};

static gboolean set_open_error(GError **error, int code, const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(open_errors); i++) {
		if (open_errors[i].code == code) {
			g_set_error(error, POINT_ERROR, open_errors[i].error, "%s: %s", path,
				    open_errors[i].text);
			return FALSE;
		}
	}
	return hook_map_set_error(error, code, path, "open it");
}

/* For paths through links: where they lead goes between the two texts. */
static const struct {
	int code;
	PointError error;
	const char *before;
	const char *after;
} link_errors[] = {
	{ 0, POINT_ERROR_NOT_HOOK, "leads through a symbolic link to ", ": give that path" },
	{ EPERM, POINT_ERROR_NOT_HOOK, "leads through a symbolic link that is not root's to ",
	  ": give that path" },
	{ EXDEV, POINT_ERROR_NOT_HOOK, "leads through a symbolic link out of its bpffs, to ",
	  ": give the path of the pin itself" },
	{ ELOOP, POINT_ERROR_NOT_HOOK, "leads through too many symbolic links, the last one to ",
	  ": give the path of the pin itself" },
	{ ENOENT, POINT_ERROR_NOT_FOUND, "leads through a symbolic link to ",
	  ", where nothing is pinned (xdpshark list shows the hooks)" },
};

static gboolean set_link_error(GError **error, int code, const char *path, const char *real)
{
	for (gsize i = 0; i < G_N_ELEMENTS(link_errors); i++) {
		if (link_errors[i].code == code) {
			g_set_error(error, POINT_ERROR, link_errors[i].error, "%s: %s%s%s", path,
				    link_errors[i].before, real, link_errors[i].after);
			return FALSE;
		}
	}
	return set_open_error(error, code, path);
}

char *hook_resolve(const char *path, GError **error)
{
	g_autofree char *real = NULL;
	int result = bpffs_resolve(path, &real);

	if (result == 0)
		return g_steal_pointer(&real);
	if (real && strcmp(real, path) != 0)
		set_link_error(error, -result, path, real);
	else
		set_open_error(error, -result, path);
	return NULL;
}

static gboolean open_map(const char *path, guint32 flags, HookMap *map, GError **error)
{
	g_autofree char *real = NULL;
	gboolean success;
	int pin = bpffs_open(path);

	if (pin == -ELOOP && bpffs_resolve(path, &real) != -EINVAL && real)
		return set_link_error(error, 0, path, real);
	if (pin < 0)
		return set_open_error(error, -pin, path);
	success = hook_map_open(pin, path, flags, map, error);
	close(pin);
	return success;
}

static Point *describe(const char *path, const HookMap *map, GError **error)
{
	g_autoptr(GPtrArray) hooks = g_ptr_array_new_with_free_func(hook_free_item);

	g_ptr_array_add(hooks, hook_of_map(path, map));
	add_users(hooks, error);
	return hooks->len > 0 ? g_ptr_array_steal_index(hooks, 0) : NULL;
}

Point *hook_open(const char *path, GError **error)
{
	HookMap map = { .fd = -1 };

	if (!open_map(path, BPF_F_RDONLY, &map, error))
		return NULL;
	close(map.fd);
	return describe(path, &map, error);
}

GPtrArray *hook_open_all(const char *const *paths, GError **error)
{
	g_autoptr(GPtrArray) hooks = g_ptr_array_new_with_free_func(hook_free_item);
	guint count = g_strv_length((char **)paths);

	for (; *paths; paths++) {
		g_autofree char *real = hook_resolve(*paths, error);
		HookMap map = { .fd = -1 };

		if (!real || !open_map(real, BPF_F_RDONLY, &map, error))
			return NULL;
		close(map.fd);
		g_ptr_array_add(hooks, hook_of_map(real, &map));
	}
	add_users(hooks, error);
	return hooks->len == count ? g_steal_pointer(&hooks) : NULL;
}

Point *hook_describe(int map_fd, const char *path, GError **error)
{
	HookMap map = { .fd = -1 };

	return hook_map_read(map_fd, path, &map, error) ? describe(path, &map, error) : NULL;
}

/* The pin is root's, but writing to the map takes no permission on it: whoever may open maps by id
 * gets full access. Without that capability the pin must be writable. */
static int open_for_writing(const char *path, const HookMap *map, GError **error)
{
	HookMap writable = { .fd = bpf_map_get_fd_by_id(map->id) };

	if (writable.fd < 0 && errno == EPERM)
		return open_map(path, 0, &writable, error) ? writable.fd : -1;
	if (writable.fd < 0)
		hook_map_set_error(error, errno, path, "open the map for writing");
	return writable.fd;
}

int hook_open_map(const char *path, GError **error)
{
	HookMap map = { .fd = -1 };
	int fd = -1;

	if (!open_map(path, BPF_F_RDONLY, &map, error))
		return -1;
	if (hook_proof_check(map.id, path, TRUE, error))
		fd = open_for_writing(path, &map, error);
	close(map.fd); /* open until now, so that the id cannot be reused for another map */
	return fd;
}

static gboolean check_id(const HookMap *map, const char *path, guint32 map_id, GError **error)
{
	if (map->id == map_id)
		return TRUE;
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "%s: another map (id %u, before %u) has been pinned there just now: try again",
		    path, map->id, map_id);
	return FALSE;
}

int hook_open_map_of(const char *path, guint32 map_id, gboolean unproven, GError **error)
{
	HookMap map = { .fd = -1 };
	int fd = -1;

	if (!open_map(path, BPF_F_RDONLY, &map, error))
		return -1;
	if (check_id(&map, path, map_id, error) &&
	    hook_proof_check(map_id, path, unproven, error) &&
	    hook_map_check_thawed(map.fd, path, error))
		fd = open_for_writing(path, &map, error);
	close(map.fd);
	return fd;
}
