// SPDX-License-Identifier: GPL-2.0-or-later
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "monotonic.h"
#include "quota.h"

G_DEFINE_QUARK(xdpshark_lock_error, lock_error)

/* Has a file for each hook that is being changed, named by the id of its map. It must belong to
 * nobody else, or an outsider could hold the locks. */
#define LOCK_FOLDER CONFINE_FOLDER

/* A change only takes some milliseconds. */
#define HELD_LIMIT_NS (G_GUINT64_CONSTANT(1000) * 1000 * 1000)

#define WAIT_SLICE_US 2000

#define RECORD_SIZE 64

struct Lock {
	int folder;
	int file;
	gboolean held;
	char name[16];
};

/* The contents of the file: who holds the lock. pid is 0 if that is unknown. */
typedef struct {
	char text[RECORD_SIZE];
	guint pid, uid;
	guint64 since; /* monotonic, in ns */
} LockRecord;

/* What is wrong with the folder, or NULL. */
static char *folder_fault(int fd)
{
	struct stat status;

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return g_strdup("it is a symbolic link or not a folder");
	if (fd < 0 && errno == ENOENT)
		return g_strdup("there is none, and this xdpshark-hookd may not make it");
	if (fd < 0 || fstat(fd, &status) < 0)
		return g_strdup(g_strerror(errno));
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return g_strdup_printf("it belongs to user %u", status.st_uid);
	if (status.st_mode & 077)
		return g_strdup_printf("its mode is %04o", status.st_mode & 07777);
	return NULL;
}

static int open_folder(GError **error)
{
	g_autofree char *fault = NULL;
	int fd;

	fd = open(LOCK_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fault = folder_fault(fd);
	if (!fault)
		return fd;
	g_set_error(
		error, LOCK_ERROR, LOCK_ERROR_FOLDER,
		"the locks of hooks are kept in %s, which must be a folder of root alone, of mode "
		"0700: %s: as root, remove it and 'install -d -m 0700 %s'",
		LOCK_FOLDER, fault, LOCK_FOLDER);
	if (fd >= 0)
		close(fd);
	return -1;
}

static void read_record(int file, LockRecord *ret_record)
{
	gssize size = pread(file, ret_record->text, sizeof(ret_record->text) - 1, 0);

	ret_record->text[MAX(size, 0)] = '\0';
	if (sscanf(ret_record->text, "%u %u %" G_GUINT64_FORMAT, &ret_record->pid, &ret_record->uid,
		   &ret_record->since) != 3)
		ret_record->pid = ret_record->uid = ret_record->since = 0;
}

static void write_record(int file)
{
	g_autofree char *text = g_strdup_printf("%d %u %" G_GUINT64_FORMAT "\n", getpid(),
						quota_caller(), monotonic_now());

	if (ftruncate(file, 0) < 0 || pwrite(file, text, strlen(text), 0) < 0)
		g_debug("%s: cannot write who holds a lock: %s", LOCK_FOLDER, g_strerror(errno));
}

/* "xdpshark-hookd (process 12 of user 1000)" */
static char *format_holder(const LockRecord *record)
{
	if (record->pid == 0)
		return g_strdup("another process");
	return g_strdup_printf("xdpshark-hookd (process %u of user %u)", record->pid, record->uid);
}

/* TRUE if the file still has the lock's name. */
static gboolean is_linked(const Lock *lock)
{
	struct stat status;

	return fstat(lock->file, &status) == 0 && status.st_nlink > 0;
}

/* Removes the name of the file from under a holder that stands still, who will notice before the
 * next change. */
static void take_away(const Lock *lock, const LockRecord *record, const char *path)
{
	struct stat held, named;
	g_autofree char *holder = format_holder(record);

	if (fstat(lock->file, &held) < 0 ||
	    fstatat(lock->folder, lock->name, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    held.st_ino != named.st_ino || unlinkat(lock->folder, lock->name, 0) < 0)
		return;
	g_warning("hook %s: %s has held its lock for more than %" G_GUINT64_FORMAT
		  " s, as if it were stopped: going on without it",
		  path, holder, HELD_LIMIT_NS / G_GUINT64_CONSTANT(1000000000));
}

static gboolean open_file(Lock *lock, const char *path, GError **error)
{
	struct stat status;

	lock->file = openat(lock->folder, lock->name,
			    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (lock->file >= 0 && fstat(lock->file, &status) == 0 && S_ISREG(status.st_mode))
		return TRUE;
	g_set_error(error, LOCK_ERROR, LOCK_ERROR_FOLDER,
		    "hook %s: cannot open its lock %s/%s: %s: remove that", path, LOCK_FOLDER,
		    lock->name, lock->file >= 0 ? "it is no file" : g_strerror(errno));
	return FALSE;
}

/* How long others have held the lock, as far as we have seen. */
typedef struct {
	LockRecord record;
	guint64 since; /* since when the record is the same; monotonic, in ns */
} Seen;

/* Tries once. TRUE if we have the lock; FALSE without error if it may be tried again. */
static gboolean lock_try(Lock *lock, const char *path, Seen *seen, GError **error)
{
	guint64 now = monotonic_now();
	LockRecord record;

	if (!open_file(lock, path, error))
		return FALSE;
	if (flock(lock->file, LOCK_EX | LOCK_NB) == 0) {
		/* The last holder may have removed the file since we opened it. */
		if (!is_linked(lock))
			return FALSE;
		write_record(lock->file);
		lock->held = TRUE;
		return TRUE;
	}
	read_record(lock->file, &record);
	if (strcmp(record.text, seen->record.text) != 0 || seen->since == 0)
		seen->since = now;
	seen->record = record;
	if (now > seen->since + HELD_LIMIT_NS || (record.pid && now > record.since + HELD_LIMIT_NS))
		take_away(lock, &record, path);
	return FALSE;
}

static void set_busy(GError **error, const char *path, const LockRecord *record)
{
	g_autofree char *holder = format_holder(record);

	g_set_error(
		error, LOCK_ERROR, LOCK_ERROR_BUSY,
		"hook %s: others keep starting and ending captures on it, most recently %s: try "
		"again",
		path, holder);
}

Lock *lock_take(guint32 map_id, const char *path, guint limit_ms, GError **error)
{
	g_autoptr(Lock) lock = g_new0(Lock, 1);
	guint64 deadline = monotonic_now() + (guint64)limit_ms * 1000 * 1000;
	g_autoptr(GError) failure = NULL;
	Seen seen = { 0 };

	lock->file = -1;
	lock->folder = open_folder(error);
	if (lock->folder < 0)
		return NULL;
	g_snprintf(lock->name, sizeof(lock->name), "%u", map_id);
	while (!lock_try(lock, path, &seen, &failure)) {
		if (lock->file >= 0)
			close(lock->file);
		lock->file = -1;
		if (failure) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return NULL;
		}
		if (monotonic_now() >= deadline) {
			set_busy(error, path, &seen.record);
			return NULL;
		}
		g_usleep(WAIT_SLICE_US);
	}
	return g_steal_pointer(&lock);
}

gboolean lock_is_lost(const Lock *lock)
{
	return lock && !is_linked(lock);
}

/* Removes the file, too. Others that have opened it will notice, and open the next one. */
void lock_release(Lock *lock)
{
	if (!lock)
		return;
	if (lock->held && is_linked(lock))
		unlinkat(lock->folder, lock->name, 0);
	if (lock->file >= 0)
		close(lock->file);
	if (lock->folder >= 0)
		close(lock->folder);
	g_free(lock);
}
