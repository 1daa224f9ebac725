// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_held.h"

#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

/* Elements that are read at most: some 20 ms. */
#define MAX_LOOKUPS 32768

/* In struct bpf_devmap_val and bpf_cpumap_val the program's id is the second word; where values
 * have 4 bytes there is none. */
#define VALUE_SIZE 8
enum { WORD_PROGRAM = 1 };

/* A map that holds programs. */
typedef struct {
	const char *kind;
	char name[BPF_OBJ_NAME_LEN];
	guint32 id;
	GArray *held; /* Held */
} Holder;

typedef struct {
	guint32 key, program;
} Held;

static void holder_free(gpointer data)
{
	Holder *holder = data;

	g_array_unref(holder->held);
	g_free(holder);
}

/* NULL for other types of maps. */
static const char *kind_of(guint32 type)
{
	switch (type) {
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		return "devmap";
	case BPF_MAP_TYPE_CPUMAP:
		return "cpumap";
	default:
		return NULL;
	}
}

static GArray *read_programs(int fd, guint *lookups)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(Held));
	guint32 *previous = NULL;
	guint32 key;

	while (*lookups > 0 && bpf_map_get_next_key(fd, previous, &key) == 0) {
		guint32 value[VALUE_SIZE / sizeof(guint32)] = { 0 };
		Held held = { .key = key };

		(*lookups)--;
		previous = &key;
		if (bpf_map_lookup_elem(fd, &key, value) == 0)
			held.program = value[WORD_PROGRAM];
		if (held.program != 0)
			g_array_append_val(all, held);
	}
	return all;
}

static void add_holder(GPtrArray *holders, int fd, guint *lookups)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	Holder *holder;

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || !kind_of(info.type) ||
	    info.value_size != VALUE_SIZE || info.key_size != sizeof(guint32))
		return;
	holder = g_new0(Holder, 1);
	holder->kind = kind_of(info.type);
	holder->id = info.id;
	g_strlcpy(holder->name, info.name, sizeof(holder->name));
	holder->held = read_programs(fd, lookups);
	if (holder->held->len > 0)
		g_ptr_array_add(holders, holder);
	else
		holder_free(holder);
}

/* Those that hold programs, by id: Holder *. */
static GPtrArray *list_holders(void)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, options, .open_flags = BPF_F_RDONLY);
	GPtrArray *holders = g_ptr_array_new_with_free_func(holder_free);
	guint lookups = MAX_LOOKUPS;
	guint32 id = 0;

	while (bpf_map_get_next_id(id, &id) == 0) {
		int fd = bpf_map_get_fd_by_id_opts(id, &options);

		if (fd < 0)
			continue;
		add_holder(holders, fd, &lookups);
		close(fd);
	}
	return holders;
}

/* Younger maps have greater ids. */
static gboolean is_youngest(const GPtrArray *holders, const Holder *holder)
{
	for (guint i = 0; i < holders->len; i++) {
		const Holder *other = g_ptr_array_index(holders, i);

		if (other->id > holder->id && strcmp(other->kind, holder->kind) == 0 &&
		    strcmp(other->name, holder->name) == 0)
			return FALSE;
	}
	return TRUE;
}

static char *address_of(const GPtrArray *holders, const Holder *holder, guint32 key)
{
	if (holder->name[0] && is_youngest(holders, holder))
		return g_strdup_printf("%s/%s/%u", holder->kind, holder->name, key);
	return g_strdup_printf("%s/%s#%u/%u", holder->kind, holder->name, holder->id, key);
}

/* Takes address over. NULL if the program is gone. */
static Point *point_of(ProgramSurvey *survey, const Held *held, char *address)
{
	const PointProgram *program = program_survey_describe(survey, held->program);
	Point *point;

	if (!program) {
		g_free(address);
		return NULL;
	}
	point = point_new(&source_program);
	point->address = address;
	point->id = held->program;
	point->programs_known = TRUE;
	point->name = g_strdup(program->name);
	point_copy_program(point, program);
	return point;
}

gboolean xdp_held_is_address(const char *address)
{
	const char *slash = strchr(address, '/');

	/* An address with one '/' is of a component on a device. */
	return slash && strchr(slash + 1, '/') &&
	       (g_str_has_prefix(address, "devmap/") || g_str_has_prefix(address, "cpumap/"));
}

GPtrArray *xdp_held_list(ProgramSurvey *survey)
{
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) holders = list_holders();

	for (guint i = 0; i < holders->len; i++) {
		const Holder *holder = g_ptr_array_index(holders, i);

		for (guint j = 0; j < holder->held->len; j++) {
			const Held *held = &g_array_index(holder->held, Held, j);
			Point *point =
				point_of(survey, held, address_of(holders, holder, held->key));

			if (point)
				g_ptr_array_add(points, point);
		}
	}
	return points;
}

Point *xdp_held_find(ProgramSurvey *survey, const char *address, GError **error)
{
	g_autoptr(GPtrArray) holders = list_holders();

	for (guint i = 0; i < holders->len; i++) {
		const Holder *holder = g_ptr_array_index(holders, i);

		for (guint j = 0; j < holder->held->len; j++) {
			const Held *held = &g_array_index(holder->held, Held, j);
			g_autofree char *own = address_of(holders, holder, held->key);
			Point *point = NULL;

			if (strcmp(own, address) == 0)
				point = point_of(survey, held, g_steal_pointer(&own));
			if (point)
				return point;
		}
	}
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		    "no XDP program is in a map at %s (xdpshark list shows those that are)",
		    address);
	return NULL;
}
