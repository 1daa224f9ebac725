/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One xdpshark-hookd at a time changes the slots of a hook. The lock is the hook's, by the id of
 * its map, wherever that is pinned; it lies in a folder of root alone, and ends with its holder.
 * From a holder that stands still it is taken away.
 */
#ifndef XDPSHARK_LOCK_H
#define XDPSHARK_LOCK_H

#include <glib.h>

#define LOCK_ERROR (lock_error_quark())
GQuark lock_error_quark(void);
typedef enum {
	LOCK_ERROR_BUSY,
	LOCK_ERROR_FOLDER,
} LockError;

typedef struct Lock Lock;

/* How long others that are at work are waited for, in ms: to come, and to leave. Both are shorter
 * than the programs of a capture go on without a heartbeat. */
#define LOCK_COMING  6000
#define LOCK_LEAVING 2000
#define LOCK_NO_WAIT 0

/* path: of the hook, for messages. */
Lock *lock_take(guint32 map_id, const char *path, guint limit_ms, GError **error);

/* TRUE if it was taken away, since we stood still: to be asked before each change. Of no lock
 * (NULL): FALSE. */
gboolean lock_is_lost(const Lock *lock);

void lock_release(Lock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lock, lock_release)

#endif /* XDPSHARK_LOCK_H */
