/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much memory may still be taken without anybody being killed for it.
 */
#ifndef XDPSHARK_MEMORY_H
#define XDPSHARK_MEMORY_H

#include <glib.h>

/* Of the machine (MemAvailable), and of the control groups that this process is in: what is left
 * where it is least, in bytes, and where that is, to be freed. G_MAXUINT64 if nothing tells. */
guint64 memory_left(char **ret_where);

/* Of the machine (MemTotal), in bytes; G_MAXUINT64 if it cannot be read. */
guint64 memory_total(void);

/* The same of the machine whose files are below root, for tests. */
guint64 memory_left_below(const char *root, char **ret_where);

#endif /* XDPSHARK_MEMORY_H */
