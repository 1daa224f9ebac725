/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody may have meant whose filter libpcap does not understand.
 */
#ifndef XDPSHARK_HINT_H
#define XDPSHARK_HINT_H

#include <glib.h>

/* A line about a filter that is one of Wireshark's display, or NULL. To be freed by g_free(). */
char *hint_find(const char *filter);

#endif /* XDPSHARK_HINT_H */
