/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guesses what a filter that libpcap does not understand was meant to be.
 */
#ifndef XDPSHARK_HINT_H
#define XDPSHARK_HINT_H

#include <glib.h>

/* A hint if filter looks like a display filter of Wireshark, or NULL. Free with g_free(). */
char *hint_find(const char *filter);

#endif /* XDPSHARK_HINT_H */
