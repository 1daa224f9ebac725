/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens further files for a process that has dropped its privileges. A second process, which keeps
 * the right to write where its user may, does nothing else: it takes no names, only the request for
 * the next file.
 */
#ifndef XDPSHARK_OPENER_H
#define XDPSHARK_OPENER_H

#include <glib.h>

typedef struct Opener Opener;

/* Runs in the second process: opens the next file, relative to the folder. request is what
 * opener_next() was given. Returns its descriptor, or -1 with errno; *ret_name, to be freed by
 * g_free(), is set in any case. */
typedef int OpenerNext(gpointer data, guint8 request, int folder, char **ret_name);

/* Starts it. No other thread may have been started; what data points to is copied by that. */
Opener *opener_new(const char *folder, OpenerNext *next, gpointer data, GError **error);

/* Returns the descriptor of the next file, or -1 with errno; ETIMEDOUT if the file system does not
 * answer. *ret_name as above. */
int opener_next(Opener *opener, guint8 request, char **ret_name);

/* Ends it. */
void opener_free(Opener *opener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Opener, opener_free)

#endif /* XDPSHARK_OPENER_H */
