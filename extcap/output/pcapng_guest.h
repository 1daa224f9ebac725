/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pcapng of an xdpshark on another host, to become part of a file of ours: interfaces get
 * numbers of ours and the name of the host. The other host is not trusted: whatever it sends, only
 * valid blocks come out, with options that we know, in our byte order; or it is refused.
 */
#ifndef XDPSHARK_PCAPNG_GUEST_H
#define XDPSHARK_PCAPNG_GUEST_H

#include <glib.h>

typedef struct PcapngGuest PcapngGuest;

#define PCAPNG_GUEST_ERROR (pcapng_guest_error_quark())
GQuark pcapng_guest_error_quark(void);

/* host: its name in the file. */
PcapngGuest *pcapng_guest_new(const char *host);
void pcapng_guest_free(PcapngGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PcapngGuest, pcapng_guest_free)

/* Appends what has come. */
void pcapng_guest_feed(PcapngGuest *guest, const guint8 *bytes, gsize length);

/* Bytes that have come since the beginning and are taken or skipped, and those that wait. */
guint64 pcapng_guest_taken(const PcapngGuest *guest);
gsize pcapng_guest_waiting(const PcapngGuest *guest);

/* Goes on to the next packet that is there. FALSE without error: more must come first. After an
 * error nothing more is there. */
gboolean pcapng_guest_next(PcapngGuest *guest, guint *ret_interface, guint64 *ret_time,
			   GError **error);

/* Appends that packet, as one of the interface with this number, and goes behind it. */
void pcapng_guest_take(PcapngGuest *guest, GByteArray *out, guint32 number);

/* Whether the head of the stream has come; and the interfaces so far. */
gboolean pcapng_guest_has_begun(const PcapngGuest *guest);
guint pcapng_guest_interfaces(const PcapngGuest *guest);
void pcapng_guest_append_interface(const PcapngGuest *guest, GByteArray *out, guint interface);

/* Looks for statistics among what waits behind packets. */
void pcapng_guest_find_statistics(PcapngGuest *guest);

/* Appends the statistics that came for an interface, with our count of packets that were written.
 * FALSE if none came. */
gboolean pcapng_guest_append_statistics(const PcapngGuest *guest, GByteArray *out, guint interface,
					guint32 number, guint64 delivered);

#endif /* XDPSHARK_PCAPNG_GUEST_H */
