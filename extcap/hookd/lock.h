/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets one xdpshark-hookd at a time change the slots of a hook. There is one lock for each map id,
 * wherever the map is pinned. It is kept in a folder that only root can use, and ends with its
 * holder. A holder that stands still loses it.
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

/* How long to wait for others who hold the lock, in ms, when entering and when leaving a slot. Both
 * are shorter than the time that a capture's programs go on without a heartbeat. */
#define LOCK_COMING  6000
#define LOCK_LEAVING 2000
#define LOCK_NO_WAIT 0

/* path is that of the hook, for messages. */
Lock *lock_take(guint32 map_id, const char *path, guint limit_ms, GError **error);

/* TRUE if the lock was taken away because we stood still. Check before each change. FALSE for
 * NULL. */
gboolean lock_is_lost(const Lock *lock);

void lock_release(Lock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lock, lock_release)

#endif /* XDPSHARK_LOCK_H */
