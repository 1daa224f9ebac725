/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much more memory can be used before the kernel kills somebody.
 */
#ifndef XDPSHARK_MEMORY_H
#define XDPSHARK_MEMORY_H

#include <glib.h>

/* The memory left on the machine (MemAvailable) or in one of the control groups of this process,
 * whichever has least, in bytes; *ret_where says which one, free with g_free(). G_MAXUINT64 if
 * unknown. */
guint64 memory_left(char **ret_where);

/* The memory of the machine (MemTotal), in bytes; G_MAXUINT64 if unknown. */
guint64 memory_total(void);

/* For tests: memory_left() with the machine's files below root. */
guint64 memory_left_below(const char *root, char **ret_where);

#endif /* XDPSHARK_MEMORY_H */
