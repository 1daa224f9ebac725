/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose capture a program belongs to, and whether that capture is alive: proven by the kernel,
 * across all namespaces. A BPF map, the life, is kept alive by one descriptor in xdpshark-hookd and
 * by nothing else. The programs carry its id. The map exists exactly as long as the capture: the
 * kernel closes the descriptor when the process ends.
 */
#ifndef XDPSHARK_IDENTITY_H
#define XDPSHARK_IDENTITY_H

#include <glib.h>

#include "config.h"

#define IDENTITY_ERROR (identity_error_quark())
GQuark identity_error_quark(void);

typedef struct Identity Identity;

/* Creates an identity with its life. The life ends with identity_free(), or with this process. */
Identity *identity_new(GError **error);
void identity_free(Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)

/* What goes into the configuration of the programs. */
const struct xdpshark_identity *identity_shown(const Identity *identity);

/* Keeps a map open at least as long as the life, even if the process is killed. The kernel empties
 * a program array when its last descriptor is closed. So whoever opens the array, and after that
 * sees the life, knows that the array will not be emptied. */
gboolean identity_outlive(Identity *identity, int map_fd, GError **error);

/* TRUE only if that is proven: whatever cannot be read counts as alive. */
gboolean identity_is_dead(const struct xdpshark_identity *shown);

#endif /* XDPSHARK_IDENTITY_H */
