/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose capture a program is, and whether that capture lives: proven by the kernel, in all
 * namespaces. A BPF map, the life, is kept by one descriptor of xdpshark-hookd and by nothing else.
 * The programs carry its id. Once there is no such map any more, the capture has ended, and not a
 * moment before: the kernel closes the descriptor with the process.
 */
#ifndef XDPSHARK_IDENTITY_H
#define XDPSHARK_IDENTITY_H

#include <glib.h>

#include "config.h"

#define IDENTITY_ERROR (identity_error_quark())
GQuark identity_error_quark(void);

typedef struct Identity Identity;

/* A new identity with its life. The life ends with identity_free(), or with this process. */
Identity *identity_new(GError **error);
void identity_free(Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)

/* For the programs' configuration. */
const struct xdpshark_identity *identity_shown(const Identity *identity);

/* Keeps a map at least as long as the life, also when the process is killed. The kernel empties a
 * program array when its last descriptor is closed: so whoever has a descriptor of it, and sees the
 * life after that, knows that it will not be emptied. */
gboolean identity_outlive(Identity *identity, int map_fd, GError **error);

/* TRUE only if that is proven: all that cannot be read is alive. */
gboolean identity_is_dead(const struct xdpshark_identity *shown);

#endif /* XDPSHARK_IDENTITY_H */
