// SPDX-License-Identifier: GPL-2.0-or-later
#include "occupant.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "identity.h"

/* The name of a map in bpf/hook.bpf.c. */
#define NEXT_MAP "xdpshark_next"

/* More than a capture program has. */
#define MAPS_MAX 16

/* More than the configuration of a capture program will ever need. */
#define CONFIG_SIZE_MAX 4096

int occupant_find(int map_fd, guint32 index, guint32 *ret_id)
{
	guint32 id = 0;

	if (bpf_map_lookup_elem(map_fd, &index, &id) < 0 && errno != ENOENT)
		return -errno;
	*ret_id = id;
	return 0;
}

/* Whether a map may be the read-only data of a program, as libbpf creates it for `config` in
 * bpf/ring.bpf.h. */
static gboolean may_be_config(const struct bpf_map_info *info)
{
	return info->type == BPF_MAP_TYPE_ARRAY && info->map_flags & BPF_F_RDONLY_PROG &&
	       info->max_entries == 1 && info->value_size >= sizeof(struct xdpshark_identity) &&
	       info->value_size <= CONFIG_SIZE_MAX;
}

static int read_identity(int fd, struct xdpshark_identity *identity)
{
	guint8 config[CONFIG_SIZE_MAX];
	guint32 zero = 0;

	if (bpf_map_lookup_elem(fd, &zero, config) < 0)
		return -errno;
	if (identity->magic != XDPSHARK_IDENTITY_MAGIC)
		memcpy(identity, config, sizeof(*identity));
	return 0;
}

/* Looks for what is of interest in one of the program's maps. Returns 0 or a negative errno. */
static int read_map(Occupant *occupant, guint32 map_id, struct xdpshark_identity *identity)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = bpf_map_get_fd_by_id(map_id), result = 0;

	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0) {
		result = -errno;
	} else if (may_be_config(&info)) {
		result = read_identity(fd, identity);
	} else if (strcmp(info.name, NEXT_MAP) == 0 && info.type == BPF_MAP_TYPE_PROG_ARRAY &&
		   occupant->next_fd < 0) {
		occupant->next_fd = fd;
		return 0;
	}
	close(fd);
	return result;
}

/* Reads all maps of the program. Returns 0 or a negative errno, possibly after some of them were
 * read. */
static int read_program(Occupant *occupant, struct xdpshark_identity *identity)
{
	guint32 map_ids[MAPS_MAX];
	struct bpf_prog_info info = { .map_ids = (uintptr_t)map_ids, .nr_map_ids = MAPS_MAX };
	guint32 size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(occupant->id), result = 0;

	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		result = -errno;
	else
		g_strlcpy(occupant->name, info.name, sizeof(occupant->name));
	for (guint32 i = 0; result == 0 && i < MIN(info.nr_map_ids, MAPS_MAX); i++)
		result = read_map(occupant, map_ids[i], identity);
	close(fd);
	return result;
}

/* The order matters: a life that is seen while we hold its program array proves that the kernel
 * will not empty the array. */
static void find_owner(Occupant *occupant, guint32 action, const struct xdpshark_identity *identity)
{
	occupant->pid = identity->pid;
	occupant->uid = identity->uid;
	occupant->reason = -occupant_find(occupant->next_fd, action, &occupant->next);
	if (occupant->reason)
		occupant->state = OCCUPANT_UNREADABLE;
	else
		occupant->state = identity_is_dead(identity) ? OCCUPANT_DEAD : OCCUPANT_ALIVE;
}

void occupant_read(Occupant *ret_occupant, guint32 id, guint32 action)
{
	struct xdpshark_identity identity = { 0 };
	int result;

	*ret_occupant = (Occupant){ .id = id, .next_fd = -1, .state = OCCUPANT_FOREIGN };
	result = read_program(ret_occupant, &identity);
	if (identity.magic == XDPSHARK_IDENTITY_MAGIC && ret_occupant->next_fd >= 0) {
		find_owner(ret_occupant, action, &identity);
	} else if (result < 0) {
		ret_occupant->state = OCCUPANT_UNREADABLE;
		ret_occupant->reason = -result;
	}
	if (!occupant_is_ours(ret_occupant))
		occupant_clear(ret_occupant);
}

void occupant_clear(Occupant *occupant)
{
	if (occupant->next_fd >= 0)
		close(occupant->next_fd);
	occupant->next_fd = -1;
	occupant->next = 0;
}

gboolean occupant_is_ours(const Occupant *occupant)
{
	return occupant->state == OCCUPANT_ALIVE || occupant->state == OCCUPANT_DEAD;
}
