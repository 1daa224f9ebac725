/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visible BPF file systems: where they are mounted and what is pinned in them. Names are never
 * trusted: no symbolic links, "..", or other mounts are followed.
 */
#ifndef XDPSHARK_BPFFS_H
#define XDPSHARK_BPFFS_H

#include <glib.h>
#include <sys/types.h>

typedef struct {
	char *path;
	dev_t device;
} BpffsMount;

/* The bpf mounts in the text of a mountinfo file (proc_pid_mountinfo(5)), in its order: BpffsMount
 * *. */
GPtrArray *bpffs_parse_mounts(const char *mountinfo);

/* The same for this process; NULL with errno if /proc is not there. */
GPtrArray *bpffs_mounts(void);

/* Called once for every pinned object, even if its file system is mounted several times. pin is an
 * O_PATH descriptor that must not be closed. Return FALSE to stop the walk. */
typedef gboolean (*BpffsVisit)(int pin, const char *path, gpointer data);

/* Visits the pinned objects of all mounts. Adds the number of directories and objects that we may
 * not open to *denied. Goes 16 directories deep and stops after 65,536 objects. Returns 0 or a
 * negative errno (no /proc). */
int bpffs_walk(BpffsVisit visit, gpointer data, guint *denied);

/* Opens the object pinned at an absolute path below a bpffs mount. Returns an O_PATH descriptor, so
 * that bpffs_get() later gets the very object that was checked, or a negative errno: -EINVAL if the
 * path is not absolute or has "." or ".." in it, -ENODEV if it is not below a bpffs mount, -ELOOP
 * if it has a symbolic link in it, -EXDEV if another mount, -EISDIR for a directory, and -ENOENT,
 * -ENOTDIR, -EACCES and so on as for open(). */
int bpffs_open(const char *path);

/* Resolves symbolic links within a bpffs, such as iproute2's from xdp to tc. *ret_real is the path
 * of the pin itself, for bpffs_open(), to be freed with g_free(); it equals path if there are no
 * links. Returns 0 or a negative errno: -EPERM if a link is not root's, so that its owner may
 * change it at any time; -EXDEV if a link leads out of the bpffs; -ELOOP if there are too many;
 * others as for bpffs_open(). On failure *ret_real is where path leads, as far as it is known, or
 * NULL. */
int bpffs_resolve(const char *path, char **ret_real);

/* Returns a descriptor of the BPF object itself, or a negative errno. flags: BPF_F_RDONLY, or 0 for
 * reading and writing. */
int bpffs_get(int pin, guint32 flags);

#endif /* XDPSHARK_BPFFS_H */
