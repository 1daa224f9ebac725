/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of the hook of a running capture: where its pin leads now, and which programs and
 * devices use it.
 */
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "hook_find.h"
#include "hook_map.h"
#include "xdp_program.h"

/* Finding the devices takes a walk through all network namespaces: no more often than this, and for
 * no more than this fraction of the time. */
#define WALK_INTERVAL_US G_USEC_PER_SEC
#define WALK_SHARE	 100

struct Watch {
	char *path;
	guint32 map_id;
	guint32 reported_id; /* id of another map at the pin that was reported; 0: none */
	PinState reported;   /* what it was reported as */
	GArray *programs;    /* guint32, ids of those that use the map */
	guint32 newest_id;   /* of all programs seen so far */
	gint64 next_walk;    /* monotonic, in us */
	gint64 soonest_walk;
};

Watch *watch_new(const char *path, guint32 map_id)
{
	Watch *watch = g_new0(Watch, 1);

	watch->path = g_strdup(path);
	watch->map_id = map_id;
	watch->programs = g_array_new(FALSE, FALSE, sizeof(guint32));
	return watch;
}

void watch_free(Watch *watch)
{
	if (!watch)
		return;
	g_array_unref(watch->programs);
	g_free(watch->path);
	g_free(watch);
}

static PinState state_of_open(int code, const char *path, char **ret_remark)
{
	if (code == ENODEV)
		return PIN_UNMOUNTED;
	if (code == ENOENT || code == ENOTDIR)
		return PIN_GONE;
	*ret_remark = code == ELOOP ? g_strdup_printf("%s: a symbolic link", path)
				    : g_strdup_printf("%s: %s", path, g_strerror(code));
	return PIN_FOREIGN;
}

/* Handles another map at the pin. */
static PinState look_at_other(Watch *watch, const HookMap *map, Point **ret_hook, char **ret_remark)
{
	g_autoptr(GError) error = NULL;

	if (map->id == watch->reported_id)
		return watch->reported;
	*ret_hook = hook_describe(map->fd, watch->path, &error);
	watch->reported = PIN_REPLACED;
	if (g_error_matches(error, POINT_ERROR, POINT_ERROR_JUMP_TABLE)) {
		*ret_remark = g_strdup(error->message);
		watch->reported = PIN_FOREIGN;
	}
	if (*ret_hook || *ret_remark)
		watch->reported_id = map->id;
	return watch->reported;
}

PinState watch_pin(Watch *watch, Point **ret_hook, char **ret_remark)
{
	g_autoptr(GError) error = NULL;
	HookMap map = { .fd = -1 };
	PinState state = PIN_KEPT;
	int pin = bpffs_open(watch->path);

	*ret_hook = NULL;
	*ret_remark = NULL;
	if (pin < 0)
		return state_of_open(-pin, watch->path, ret_remark);
	if (!hook_map_open(pin, watch->path, BPF_F_RDONLY, &map, &error)) {
		state = g_error_matches(error, POINT_ERROR, POINT_ERROR_UNOWNED) ? PIN_UNUSED
										 : PIN_FOREIGN;
		*ret_remark = g_strdup(error->message);
	} else if (map.id != watch->map_id) {
		state = look_at_other(watch, &map, ret_hook, ret_remark);
	} else {
		watch->reported_id = 0;
	}
	if (map.fd >= 0)
		close(map.fd);
	close(pin);
	return state;
}

static gboolean has_ended(guint32 program_id)
{
	int fd = bpf_prog_get_fd_by_id(program_id);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ENOENT;
}

static gboolean programs_changed(Watch *watch)
{
	g_autoptr(GPtrArray) newer = xdp_program_list_after(&watch->newest_id);

	for (guint i = 0; i < watch->programs->len; i++)
		if (has_ended(g_array_index(watch->programs, guint32, i)))
			return TRUE;
	for (guint i = 0; newer && i < newer->len; i++) {
		const XdpProgram *program = g_ptr_array_index(newer, i);

		if (strcmp(program->name, KIND_PROBE) != 0 &&
		    xdp_program_names(program, watch->map_id))
			return TRUE;
	}
	return FALSE;
}

Point *watch_users(Watch *watch, int map_fd)
{
	gint64 start = g_get_monotonic_time(), end;
	gboolean changed = programs_changed(watch);
	Point *hook;

	if (!changed && start < watch->next_walk)
		return NULL;
	hook = hook_describe(map_fd, watch->path, NULL);
	end = g_get_monotonic_time();
	watch->soonest_walk = end + WALK_SHARE * (end - start);
	watch->next_walk = MAX(watch->soonest_walk, end + WALK_INTERVAL_US);
	g_array_set_size(watch->programs, 0);
	for (guint i = 0; hook && i < hook->programs->len; i++) {
		const PointProgram *program = g_ptr_array_index(hook->programs, i);

		g_array_append_val(watch->programs, program->id);
	}
	return hook;
}

void watch_expect(Watch *watch)
{
	watch->next_walk = watch->soonest_walk;
}
