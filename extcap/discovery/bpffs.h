/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BPF file systems in sight: where they are mounted and what is pinned in them. Names are never
 * trusted: nothing is reached over a symbolic link, "..", or another mount.
 */
#ifndef XDPSHARK_BPFFS_H
#define XDPSHARK_BPFFS_H

#include <glib.h>
#include <sys/types.h>

typedef struct {
	char *path;
	dev_t device;
} BpffsMount;

/* The mounts of type bpf in the text of a mountinfo file (proc_pid_mountinfo(5)), in its order:
 * BpffsMount *. */
GPtrArray *bpffs_parse_mounts(const char *mountinfo);

/* The same for this process; NULL with errno if /proc is not there. */
GPtrArray *bpffs_mounts(void);

/* Called with every pinned object once, also if its file system is mounted several times. pin is an
 * O_PATH descriptor that the callee must not close. FALSE ends the walk. */
typedef gboolean (*BpffsVisit)(int pin, const char *path, gpointer data);

/* Visits the pinned objects of all mounts. Counts in *denied the directories and objects that could
 * not be opened for want of permission. Goes 16 directories deep and ends after 65,536 objects. 0
 * or a negative errno (no /proc). */
int bpffs_walk(BpffsVisit visit, gpointer data, guint *denied);

/* Opens the object pinned at an absolute path below a bpffs mount, as O_PATH descriptor: what is
 * checked with it and what is later got from it by bpffs_get() is the same object. Or a negative
 * errno: -EINVAL the path is not absolute or has "." or ".." in it, -ENODEV it is not below a
 * bpffs mount, -ELOOP a symbolic link is in it, -EXDEV another mount is in it, -EISDIR a directory,
 * -ENOENT, -ENOTDIR, -EACCES and so on as for open(). */
int bpffs_open(const char *path);

/* Where a path leads over symbolic links that lie in its bpffs, as iproute2 makes one from xdp to
 * tc: *ret_real is the path of the pin itself, to be opened by bpffs_open(), and to be freed by
 * g_free(). It is the path itself if there are none. Returns 0, or a negative errno: -EPERM a link
 * on the way is not root's, and whoever owns it may change it at any time; -EXDEV a link leads out
 * of the bpffs; -ELOOP there are too many; others as for bpffs_open(). *ret_real is where
 * path leads then, as far as is known, or NULL. */
int bpffs_resolve(const char *path, char **ret_real);

/* A descriptor of the BPF object itself; flags: BPF_F_RDONLY, or 0 for reading and writing. Or a
 * negative errno. */
int bpffs_get(int pin, guint32 flags);

#endif /* XDPSHARK_BPFFS_H */
