/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the head of a capture says of the machine.
 */
#ifndef XDPSHARK_HOST_H
#define XDPSHARK_HOST_H

#include <glib.h>

/* "Linux 6.1.0", and the processor's name: NULL if unknown, else to be freed by g_free(). */
char *host_describe_os(void);
char *host_describe_hardware(void);

/* The cookie of our own network namespace; 0: unknown (before 5.14). */
guint64 host_namespace(void);

#endif /* XDPSHARK_HOST_H */
