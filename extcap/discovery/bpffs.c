/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visible BPF file systems: where they are mounted and what is pinned in them.
 */
#include "bpffs.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_DEPTH   16
#define MAX_OBJECTS 65536
#define MAX_LINKS   8

/* Fields of a line of mountinfo, proc_pid_mountinfo(5). */
enum { MOUNT_DEVICE = 2, MOUNT_POINT = 4, MOUNT_OPTIONAL = 6 };

typedef struct {
	BpffsVisit visit;
	gpointer data;
	GHashTable *seen; /* inode of every directory and object visited */
	dev_t device;	  /* of the mount being walked */
	guint objects;
	guint *denied;
	gboolean stopped;
} Walk;

typedef struct {
	dev_t device;
	ino_t inode;
} Inode;

static void mount_free(gpointer data)
{
	BpffsMount *mount = data;

	g_free(mount->path);
	g_free(mount);
}

static BpffsMount *mount_parse(const char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, " ", -1);
	guint count = g_strv_length(fields);
	guint i = MOUNT_OPTIONAL;
	guint major;
	guint minor;
	BpffsMount *mount;

	while (i < count && strcmp(fields[i], "-") != 0)
		i++;
	if (i + 1 >= count || strcmp(fields[i + 1], "bpf") != 0)
		return NULL;
	if (sscanf(fields[MOUNT_DEVICE], "%u:%u", &major, &minor) != 2)
		return NULL;
	mount = g_new0(BpffsMount, 1);
	mount->device = makedev(major, minor);
	mount->path = g_strcompress(fields[MOUNT_POINT]); /* the kernel only escapes as \040 */
	return mount;
}

GPtrArray *bpffs_parse_mounts(const char *mountinfo)
{
	GPtrArray *mounts = g_ptr_array_new_with_free_func(mount_free);
	g_auto(GStrv) lines = g_strsplit(mountinfo, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		BpffsMount *mount = mount_parse(lines[i]);

		if (mount)
			g_ptr_array_add(mounts, mount);
	}
	return mounts;
}

GPtrArray *bpffs_mounts(void)
{
	g_autofree char *mountinfo = NULL;

	if (!g_file_get_contents("/proc/self/mountinfo", &mountinfo, NULL, NULL))
		return NULL;
	return bpffs_parse_mounts(mountinfo);
}

static int open_resolving(int directory, const char *path, guint64 flags, guint64 resolve)
{
	const struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve };
	long fd = syscall(SYS_openat2, directory, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* Opens the root of a mount with O_PATH. Returns the descriptor or a negative errno; -ESTALE if
 * another mount hides it. */
static int mount_open(const BpffsMount *mount)
{
	struct statfs fs;
	struct stat st;
	int fd = open_resolving(AT_FDCWD, mount->path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return fd;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == BPF_FS_MAGIC && fstat(fd, &st) == 0 &&
	    st.st_dev == mount->device)
		return fd;
	close(fd);
	return -ESTALE;
}

static guint inode_hash(gconstpointer key)
{
	const Inode *inode = key;

	return (guint)inode->inode * 31 + (guint)inode->device;
}

static gboolean inode_equal(gconstpointer a, gconstpointer b)
{
	const Inode *first = a;
	const Inode *second = b;

	return first->inode == second->inode && first->device == second->device;
}

static gboolean walk_is_new(Walk *walk, const struct stat *st)
{
	Inode *inode = g_new(Inode, 1);

	*inode = (Inode){ .device = st->st_dev, .inode = st->st_ino };
	return g_hash_table_add(walk->seen, inode);
}

static void walk_directory(Walk *walk, int directory, GString *path, guint depth);

/* MAX_DEPTH bounds the recursion. */
static void walk_entry(Walk *walk, int directory, const char *name, GString *path, guint depth)
{
	gsize length = path->len;
	struct stat st;
	int pin = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (pin < 0)
		return; /* removed in the meantime */
	/* Mounts further down have their own lines in mountinfo. */
	if (fstat(pin, &st) < 0 || st.st_dev != walk->device)
		goto out;
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		goto out;
	if (!walk_is_new(walk, &st))
		goto out;
	g_string_append_c(path, '/');
	g_string_append(path, name);
	if (S_ISDIR(st.st_mode)) {
		if (depth < MAX_DEPTH)
			walk_directory(walk, pin, path, depth + 1);
	} else if (walk->objects++ >= MAX_OBJECTS || !walk->visit(pin, path->str, walk->data)) {
		walk->stopped = TRUE;
	}
	g_string_truncate(path, length);
out:
	close(pin);
}

static void walk_directory(Walk *walk, int directory, GString *path, guint depth)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!entries) {
		if (errno == EACCES || errno == EPERM)
			(*walk->denied)++;
		if (fd >= 0)
			close(fd);
		return;
	}
	while (!walk->stopped && (entry = readdir(entries))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			walk_entry(walk, fd, entry->d_name, path, depth);
	}
	closedir(entries);
}

static void walk_mount(Walk *walk, const BpffsMount *mount)
{
	g_autoptr(GString) path = g_string_new(mount->path);
	struct stat st;
	int root = mount_open(mount);

	if (root < 0) {
		if (root == -EACCES)
			(*walk->denied)++;
		return;
	}
	walk->device = mount->device;
	/* The same directory may be mounted twice; the first mount wins. */
	if (fstat(root, &st) == 0 && walk_is_new(walk, &st))
		walk_directory(walk, root, path, 0);
	close(root);
}

int bpffs_walk(BpffsVisit visit, gpointer data, guint *denied)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(inode_hash, inode_equal, g_free, NULL);
	g_autoptr(GPtrArray) mounts = bpffs_mounts();
	Walk walk = { .visit = visit, .data = data, .seen = seen, .denied = denied };

	if (!mounts)
		return -ENOENT;
	for (guint i = 0; i < mounts->len && !walk.stopped; i++)
		walk_mount(&walk, g_ptr_array_index(mounts, i));
	return 0;
}

static gboolean path_is_plain(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);

	if (path[0] != '/')
		return FALSE;
	for (guint i = 1; parts[i]; i++) {
		if (parts[i][0] == '\0' || strcmp(parts[i], ".") == 0 ||
		    strcmp(parts[i], "..") == 0)
			return FALSE;
	}
	return TRUE;
}

/* Opens the mount that path is below: the innermost one that is not hidden. Returns the descriptor,
 * and the rest of the path in *ret_rest; or a negative errno. */
static int mount_open_above(const char *path, const char **ret_rest)
{
	g_autoptr(GPtrArray) mounts = bpffs_mounts();
	gsize longest = 0;
	int found = -ENODEV;

	for (guint i = 0; mounts && i < mounts->len; i++) {
		const BpffsMount *mount = g_ptr_array_index(mounts, i);
		gsize length = strlen(mount->path);
		int fd;

		if (length < longest || strncmp(path, mount->path, length) != 0 ||
		    path[length] != '/')
			continue;
		fd = mount_open(mount);
		if (fd == -ESTALE || (fd < 0 && found >= 0))
			continue;
		if (found >= 0)
			close(found);
		found = fd;
		longest = length;
	}
	*ret_rest = path + longest + 1;
	return found;
}

int bpffs_open(const char *path)
{
	const char *rest;
	struct stat st;
	int pin;
	int root;

	if (!path_is_plain(path))
		return -EINVAL;
	root = mount_open_above(path, &rest);
	if (root < 0)
		return root;
	pin = open_resolving(root, rest, O_PATH | O_NOFOLLOW,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	close(root);
	if (pin < 0)
		return pin;
	if (fstat(pin, &st) == 0 && S_ISREG(st.st_mode))
		return pin;
	close(pin);
	return S_ISDIR(st.st_mode) ? -EISDIR : -ELOOP;
}

/* A path walked by hand, because openat2() does not follow absolute links within a mount. */
typedef struct {
	int root;	 /* of the mount, O_PATH */
	char *mount;	 /* where the root is mounted */
	GPtrArray *done; /* names below it, none of them a link: char * */
	GQueue todo;	 /* names still to come: char * */
	guint links;
	gboolean foreign; /* a link was not root's */
	char *target;	  /* of the last link */
} Resolution;

static void resolution_clear(Resolution *resolution)
{
	if (resolution->root >= 0)
		close(resolution->root);
	g_free(resolution->mount);
	g_ptr_array_unref(resolution->done);
	g_queue_clear_full(&resolution->todo, g_free);
	g_free(resolution->target);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Resolution, resolution_clear)

/* Inserts the names of a path before those still to come. */
static void resolution_push(Resolution *resolution, const char *path)
{
	g_autofree char **names = g_strsplit(path, "/", -1);

	for (guint i = g_strv_length(names); i > 0; i--)
		g_queue_push_head(&resolution->todo, names[i - 1]);
}

/* Goes to the mount that an absolute path is below. It must be of the given file system, if any. */
static int resolution_enter(Resolution *resolution, const char *path, const dev_t *device)
{
	const char *rest;
	struct stat st;
	int root = mount_open_above(path, &rest);

	if (root < 0)
		return device ? -EXDEV : root;
	if (device && (fstat(root, &st) < 0 || st.st_dev != *device)) {
		close(root);
		return -EXDEV;
	}
	if (resolution->root >= 0)
		close(resolution->root);
	resolution->root = root;
	g_free(resolution->mount);
	resolution->mount = g_strndup(path, (gsize)(rest - path) - 1);
	g_ptr_array_set_size(resolution->done, 0);
	resolution_push(resolution, rest);
	return 0;
}

/* The names in done, joined; "." if there are none. */
static char *resolution_path(const Resolution *resolution)
{
	g_autoptr(GString) path = g_string_new(NULL);

	for (guint i = 0; i < resolution->done->len; i++)
		g_string_append_printf(path, "%s%s", i == 0 ? "" : "/",
				       (const char *)g_ptr_array_index(resolution->done, i));
	return g_strdup(path->len > 0 ? path->str : ".");
}

static int resolution_follow(Resolution *resolution, const char *target, const struct stat *link)
{
	g_free(resolution->target);
	resolution->target = g_strdup(target);
	resolution->foreign |= link->st_uid != 0;
	if (++resolution->links > MAX_LINKS)
		return -ELOOP;
	if (target[0] == '/')
		return resolution_enter(resolution, target, &link->st_dev);
	resolution_push(resolution, target);
	return 0;
}

/* Takes name, an entry of the directory that done leads to, and frees it if need be. */
static int resolution_step(Resolution *resolution, char *name)
{
	g_autofree char *taken = name, *path = resolution_path(resolution);
	char target[PATH_MAX] = "";
	struct stat st;
	int directory, result;

	if (strcmp(name, "") == 0 || strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		if (resolution->done->len == 0)
			return -EXDEV;
		g_ptr_array_set_size(resolution->done, (gint)resolution->done->len - 1);
		return 0;
	}
	directory = open_resolving(resolution->root, path, O_PATH | O_DIRECTORY,
				   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	if (directory < 0)
		return directory;
	result = fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	if (result == 0 && S_ISLNK(st.st_mode) &&
	    readlinkat(directory, name, target, sizeof(target) - 1) < 0)
		result = -errno;
	close(directory);
	if (target[0] == '\0') {
		g_ptr_array_add(resolution->done, g_steal_pointer(&taken));
		return result;
	}
	return resolution_follow(resolution, target, &st);
}

/* Where the path leads, as far as it is known. */
static char *resolution_describe(const Resolution *resolution, int result)
{
	g_autofree char *done = resolution_path(resolution);
	GString *real;

	if (result == -EXDEV || result == -ELOOP || !resolution->mount)
		return g_strdup(resolution->target);
	real = g_string_new(NULL);
	g_string_printf(real, "%s/%s", resolution->mount, done);
	for (const GList *name = resolution->todo.head; name; name = name->next)
		g_string_append_printf(real, "/%s", (const char *)name->data);
	return g_string_free(real, FALSE);
}

int bpffs_resolve(const char *path, char **ret_real)
{
	g_auto(Resolution)
		resolution = { .root = -1, .done = g_ptr_array_new_with_free_func(g_free) };
	int result;

	*ret_real = NULL;
	if (!path_is_plain(path))
		return -EINVAL;
	result = resolution_enter(&resolution, path, NULL);
	while (result == 0 && !g_queue_is_empty(&resolution.todo))
		result = resolution_step(&resolution, g_queue_pop_head(&resolution.todo));
	*ret_real = resolution_describe(&resolution, result);
	return result == 0 && resolution.foreign ? -EPERM : result;
}

int bpffs_get(int pin, guint32 flags)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = flags);
	char path[32];
	int fd;

	/* BPF_F_PATH_FD needs 6.5; through /proc a descriptor works with every kernel. */
	g_snprintf(path, sizeof(path), "/proc/self/fd/%d", pin);
	fd = bpf_obj_get_opts(path, &options);
	return fd < 0 ? -errno : fd;
}
