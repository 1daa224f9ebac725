/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of blocks that come from another host, for pcapng_guest.c: those that are known and
 * valid are appended to a block of ours, in our byte order and with the name of the host.
 */
#ifndef XDPSHARK_GUEST_OPTION_H
#define XDPSHARK_GUEST_OPTION_H

#include <glib.h>

typedef struct {
	char *host;
	gboolean swapped; /* it has the other byte order */
} GuestOrigin;

typedef enum { GUEST_INTERFACE, GUEST_PACKET, GUEST_STATISTICS } GuestBlock;

/* Numbers of that host. */
guint16 guest_half(const GuestOrigin *origin, const guint8 *at);
guint32 guest_word(const GuestOrigin *origin, const guint8 *at);

/* An option of ours. */
void guest_option_append(GByteArray *out, guint16 code, gconstpointer value, gsize length);

/* Appends the options that we know, each once. FALSE if they do not fit into their block. *ret_seen
 * has a bit for each code. */
gboolean guest_options_append(const GuestOrigin *origin, GByteArray *out, GuestBlock block,
			      const guint8 *options, gsize size, guint32 *ret_seen);

#endif /* XDPSHARK_GUEST_OPTION_H */
