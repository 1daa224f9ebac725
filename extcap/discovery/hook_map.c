/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map behind a pin: opens it, and checks whether it is a hook. Never puts anything into a slot
 * nor loads a program that refers to the map: if no program uses it yet, that would make it ours.
 */
#include "hook_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"

/* xdpcap's hooks have five slots; those of programs older than XDP_REDIRECT have four. */
#define MIN_SLOTS 4

/* XDP_ABORTED to XDP_REDIRECT of enum xdp_action. */
#define ACTION_COUNT 5

#define NOT_HOOK_TEXT                                                                              \
	"%s: %s is pinned there, not a hook: name the pin of a program array (xdpshark list "      \
	"shows the hooks)"

/* Several times what any BPF object prints. */
#define FDINFO_SIZE 4096

typedef struct {
	char text[FDINFO_SIZE];
} FdInfo;

static gboolean fdinfo_read(int fd, FdInfo *info)
{
	char path[40];
	ssize_t size;
	int file;

	g_snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return FALSE;
	size = read(file, info->text, sizeof(info->text) - 1);
	close(file);
	info->text[MAX(size, 0)] = '\0';
	return size > 0;
}

/* The text after "KEY:\t" at the start of a line, or NULL. */
static const char *fdinfo_find(const FdInfo *info, const char *key)
{
	gsize length = strlen(key);

	for (const char *line = info->text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, key, length) == 0 && line[length] == ':' &&
		    line[length + 1] == '\t')
			return line + length + 2;
	}
	return NULL;
}

static guint32 fdinfo_number(const FdInfo *info, const char *key)
{
	const char *value = fdinfo_find(info, key);

	return value ? (guint32)g_ascii_strtoull(value, NULL, 10) : 0;
}

/* libbpf has no names for types newer than itself. */
static char *type_format(const char *noun, const char *name, guint32 type)
{
	return name ? g_strdup_printf("%s of type %s", noun, name)
		    : g_strdup_printf("%s of type %u", noun, type);
}

/* "a BPF map of type hash" */
static char *fdinfo_describe(const FdInfo *info)
{
	guint32 type;

	if (fdinfo_find(info, "link_type"))
		return g_strdup("a BPF link");
	if (fdinfo_find(info, "prog_type")) {
		type = fdinfo_number(info, "prog_type");
		return type_format("a BPF program", libbpf_bpf_prog_type_str(type), type);
	}
	if (fdinfo_find(info, "map_type")) {
		type = fdinfo_number(info, "map_type");
		return type_format("a BPF map", libbpf_bpf_map_type_str(type), type);
	}
	return g_strdup("something else");
}

static gboolean check_kind(const FdInfo *info, const char *path, GError **error)
{
	g_autofree char *kind = NULL;

	if (fdinfo_number(info, "map_type") == BPF_MAP_TYPE_PROG_ARRAY)
		return TRUE;
	kind = fdinfo_describe(info);
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_HOOK, NOT_HOOK_TEXT, path, kind);
	return FALSE;
}

static gboolean check_shape(const struct bpf_map_info *info, const char *path, GError **error)
{
	if (info->key_size == sizeof(guint32) && info->value_size == sizeof(guint32) &&
	    info->max_entries >= MIN_SLOTS && info->max_entries <= HOOK_MAX_SLOTS)
		return TRUE;
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_HOOK,
		    "%s: a program array of %u slots is no hook: a hook has five, one for each XDP "
		    "action (old ones have four, none has more than %u)",
		    path, info->max_entries, HOOK_MAX_SLOTS);
	return FALSE;
}

static gboolean check_owner(const FdInfo *info, const char *path, GError **error)
{
	guint32 type = fdinfo_number(info, "owner_prog_type");
	const char *name = libbpf_bpf_prog_type_str(type);

	if (type == BPF_PROG_TYPE_XDP)
		return TRUE;
	if (type == BPF_PROG_TYPE_UNSPEC)
		g_set_error(error, POINT_ERROR, POINT_ERROR_UNOWNED,
			    "%s: no program uses this map yet: load the XDP program that names it "
			    "first (a capture now would make the map ours, and the load fail)",
			    path);
	else if (type == BPF_PROG_TYPE_EXT)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_HOOK,
			    "%s: programs of type ext (loaded by libxdp) own this map, and this "
			    "kernel lets no XDP program into it: use Linux 6.1 or later, or attach "
			    "the program without libxdp",
			    path);
	else
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_HOOK,
			    "%s: programs of type %s own this map: only a program array that XDP "
			    "programs use is a hook",
			    path, name ? name : "unknown to libbpf");
	return FALSE;
}

static gboolean check_slots(const HookMap *map, const char *path, GError **error)
{
	for (guint32 i = ACTION_COUNT; i < map->slot_count; i++) {
		if (map->slots[i] == 0)
			continue;
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_HOOK,
			    "%s: slot %u holds program %u, but no XDP action has that number: this "
			    "is a dispatch table, not a hook",
			    path, i, map->slots[i]);
		return FALSE;
	}
	return TRUE;
}

gboolean hook_map_set_error(GError **error, int code, const char *path, const char *what)
{
	if (code == EPERM || code == EACCES)
		g_set_error(error, POINT_ERROR, POINT_ERROR_PERMISSION,
			    "%s: cannot %s: %s: run as root, or with the capabilities CAP_BPF, "
			    "CAP_NET_ADMIN and CAP_PERFMON and as somebody who may open the pin",
			    path, what, g_strerror(code));
	else
		g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED, "%s: cannot %s: %s", path, what,
			    g_strerror(code));
	return FALSE;
}

static gboolean read_slots(HookMap *map, const char *path, GError **error)
{
	for (guint32 i = 0; i < map->slot_count; i++) {
		if (bpf_map_lookup_elem(map->fd, &i, &map->slots[i]) == 0)
			continue;
		if (errno != ENOENT)
			return hook_map_set_error(error, errno, path, "read the slots");
		map->slots[i] = 0;
	}
	return TRUE;
}

static gboolean map_check(HookMap *map, const char *path, GError **error)
{
	struct bpf_map_info info = { 0 };
	guint32 length = sizeof(info);
	FdInfo fdinfo;

	if (!fdinfo_read(map->fd, &fdinfo))
		return hook_map_set_error(error, errno, path, "read its fdinfo");
	if (!check_kind(&fdinfo, path, error))
		return FALSE;
	if (bpf_obj_get_info_by_fd(map->fd, &info, &length) < 0)
		return hook_map_set_error(error, errno, path, "read what it is");
	if (!check_shape(&info, path, error) || !check_owner(&fdinfo, path, error))
		return FALSE;
	map->id = info.id;
	map->slot_count = info.max_entries;
	return read_slots(map, path, error) && check_slots(map, path, error);
}

gboolean hook_map_is_frozen(int fd)
{
	FdInfo fdinfo;

	return fdinfo_read(fd, &fdinfo) && fdinfo_number(&fdinfo, "frozen") != 0;
}

gboolean hook_map_read(int fd, const char *path, HookMap *ret_map, GError **error)
{
	HookMap map = { .fd = fd };

	if (!map_check(&map, path, error))
		return FALSE;
	*ret_map = map;
	return TRUE;
}

gboolean hook_map_open(int pin, const char *path, guint32 flags, HookMap *ret_map, GError **error)
{
	HookMap map = { .fd = bpffs_get(pin, flags) };

	/* Links cannot be opened read-only; maps.debug and progs.debug are links too. */
	if (map.fd == -EINVAL && flags != 0) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_HOOK, NOT_HOOK_TEXT, path,
			    "a BPF link");
		return FALSE;
	}
	if (map.fd < 0)
		return hook_map_set_error(error, -map.fd, path, "open what is pinned there");
	if (hook_map_read(map.fd, path, ret_map, error))
		return TRUE;
	close(map.fd);
	return FALSE;
}

gboolean hook_map_check_thawed(int fd, const char *path, GError **error)
{
	FdInfo info;

	if (!fdinfo_read(fd, &info))
		return hook_map_set_error(error, errno, path, "read its fdinfo");
	if (fdinfo_number(&info, "frozen") == 0)
		return TRUE;
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "%s: this map is frozen (bpf_map_freeze), so that no program can be put into "
		    "it, for good: remove the pin and load the XDP program with a new map, which "
		    "is not frozen",
		    path);
	return FALSE;
}
