/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes that have AF_XDP sockets open, from their descriptors in /proc. Whoever may not
 * look into those (CAP_SYS_PTRACE) sees none.
 */
#ifndef XDPSHARK_XSK_OWNER_H
#define XDPSHARK_XSK_OWNER_H

#include <glib.h>

/* Adds all of the machine to sockets (PointSocket *), by inode. They are looked for at most once a
 * second, and for no more than a hundredth of the time. */
void xsk_owners_add(GPtrArray *sockets);

#endif /* XDPSHARK_XSK_OWNER_H */
