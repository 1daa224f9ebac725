/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XDP programs that the kernel has loaded.
 */
#include "xdp_program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* More maps than nearly any program refers to; for others we ask the kernel again. Its limit is
 * MAX_USED_MAPS, 64, and higher with fd_array. */
#define FIRST_MAPS 64
#define MAX_MAPS   4096

#define NS_A_SECOND G_GINT64_CONSTANT(1000000000)

static int program_info(int fd, struct bpf_prog_info *info, guint32 *map_ids, guint32 map_count)
{
	guint32 length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	info->nr_map_ids = map_count;
	info->map_ids = (guintptr)map_ids;
	return bpf_obj_get_info_by_fd(fd, info, &length);
}

static XdpProgram *program_from_info(const struct bpf_prog_info *info, const guint32 *map_ids)
{
	gsize size = info->nr_map_ids * sizeof(guint32);
	XdpProgram *program = g_malloc0(sizeof(*program) + size);

	program->id = info->id;
	program->type = info->type;
	program->load_time = info->load_time;
	memcpy(&program->tag, info->tag, sizeof(program->tag));
	program->tag = GUINT64_FROM_BE(program->tag);
	program->has_functions = info->btf_id != 0 && info->nr_func_info > 0;
	g_strlcpy(program->name, info->name, sizeof(program->name));
	program->map_count = info->nr_map_ids;
	if (size > 0)
		memcpy(program->map_ids, map_ids, size);
	return program;
}

/* types: bits of enum bpf_prog_type. */
static XdpProgram *read_of_types(guint32 id, guint64 types)
{
	g_autofree guint32 *more = NULL;
	guint32 map_ids[FIRST_MAPS];
	struct bpf_prog_info info;
	XdpProgram *program = NULL;
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return NULL;
	if (program_info(fd, &info, map_ids, FIRST_MAPS) < 0)
		goto out;
	if (!(types >> info.type & 1))
		goto out;
	if (info.nr_map_ids > FIRST_MAPS) {
		guint32 count = MIN(info.nr_map_ids, MAX_MAPS);

		more = g_new0(guint32, count);
		if (program_info(fd, &info, more, count) < 0)
			goto out;
		info.nr_map_ids = MIN(info.nr_map_ids, count);
	}
	program = program_from_info(&info, more ? more : map_ids);
out:
	close(fd);
	return program;
}

XdpProgram *xdp_program_read(guint32 id)
{
	return read_of_types(id, 1U << BPF_PROG_TYPE_XDP | 1U << BPF_PROG_TYPE_EXT);
}

XdpProgram *xdp_program_read_any(guint32 id)
{
	return read_of_types(id, ~G_GUINT64_CONSTANT(0));
}

/* The kernel counts from its start, sleep included. */
static gint64 seconds_of(guint64 load_time)
{
	struct timespec real, boot;
	gint64 since;

	if (load_time == 0 || clock_gettime(CLOCK_REALTIME, &real) < 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &boot) < 0)
		return 0;
	since = (boot.tv_sec - real.tv_sec) * NS_A_SECOND + boot.tv_nsec - real.tv_nsec;
	return ((gint64)load_time - since) / NS_A_SECOND;
}

void xdp_program_describe(const XdpProgram *program, PointProgram *ret_described)
{
	ret_described->id = program->id;
	ret_described->tag = program->tag;
	ret_described->loaded = seconds_of(program->load_time);
	ret_described->btf = program->has_functions ? FACT_YES : FACT_NO;
}

GPtrArray *xdp_program_list(void)
{
	guint32 last = 0;

	return xdp_program_list_after(&last);
}

GPtrArray *xdp_program_list_after(guint32 *last)
{
	g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(g_free);
	guint32 id = *last;

	/* Ids are in ascending order, which xdp_program_find() relies on. */
	while (bpf_prog_get_next_id(id, &id) == 0) {
		XdpProgram *program = xdp_program_read(id);

		if (program)
			g_ptr_array_add(programs, program);
		*last = id;
	}
	if (errno != ENOENT)
		return NULL;
	return g_steal_pointer(&programs);
}

gboolean xdp_program_names(const XdpProgram *program, guint32 map_id)
{
	for (guint i = 0; i < program->map_count; i++)
		if (program->map_ids[i] == map_id)
			return TRUE;
	return FALSE;
}

static int id_compare(const void *key, const void *element)
{
	guint32 id = *(const guint32 *)key;
	const XdpProgram *program = *(XdpProgram *const *)element;

	return id < program->id ? -1 : id > program->id;
}

const XdpProgram *xdp_program_find(const GPtrArray *programs, guint32 id)
{
	gpointer *found;

	if (!programs || programs->len == 0)
		return NULL;
	found = bsearch(&id, programs->pdata, programs->len, sizeof(gpointer), id_compare);
	return found ? *found : NULL;
}
