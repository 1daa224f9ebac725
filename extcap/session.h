/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture on one hook, as far as it touches BPF: classic instructions go in, descriptors of rings
 * and counters come out. Knows nothing of libpcap, of reading or of output, so that all that needs
 * privilege stands behind this header.
 */
#ifndef XDPSHARK_SESSION_H
#define XDPSHARK_SESSION_H

#include <glib.h>
#include <linux/filter.h>

#include "rings.h"

typedef struct {
	const char *path;		  /* of the hook's pin */
	const struct sock_filter *filter; /* classic instructions */
	gsize filter_length;
	guint32 snaplen;
	guint32 sample; /* capture one of so many matching packets, by chance; 0 or 1: all */
	guint32 rate;	/* packets a second on each CPU at most; 0: no limit */
	guint actions;	/* bit 1 << action; 0: all that the hook has a slot for */
	gboolean share_foreign; /* go before programs in the slots that are not xdpshark's */
	gsize ring_size;	/* bytes of each CPU's ring, a power of 2 */
} SessionRequest;

typedef struct Session Session;

/* Checks the hook, compiles and loads; touches no slot, but for reclaiming what a dead xdpshark
 * left. */
Session *session_open(const SessionRequest *request, GError **error);

/* Starts the capture: puts the programs into the hook's slots. All or none. */
gboolean session_attach(Session *session, GError **error);

/* To be called about once a second while it is attached: see slot_mend(). */
void session_mend(Session *session);

/* Empties the slots and waits until none of the programs runs any more: after that the rings and
 * counters do not change. May be called twice, or without session_attach(). */
void session_detach(Session *session);

/* What a reader needs; the descriptors stay the session's. */
const Rings *session_rings(const Session *session);

/* The actions whose packets are captured, bit 1 << action. */
guint session_actions(const Session *session);

/* Detaches, if that was not done, and frees everything. */
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

#endif /* XDPSHARK_SESSION_H */
