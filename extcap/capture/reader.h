/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the rings of one or several sessions as one stream in the order of time, straight from
 * their memory: needs no privilege and makes no system call for a packet.
 */
#ifndef XDPSHARK_READER_H
#define XDPSHARK_READER_H

#include <glib.h>

#include "record.h"
#include "ring.h"
#include "rings.h"

#define READER_ERROR (reader_error_quark())
GQuark reader_error_quark(void);

typedef struct Reader Reader;

Reader *reader_new(GError **error);
void reader_free(Reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_free)

/* Adds the rings of a session, which must outlive the reader. Sessions are numbered in the order of
 * their being added, from 0. */
gboolean reader_add(Reader *reader, const Rings *rings, GError **error);

/* Looks how far the rings are filled; monotonic is the time now, in ns. What comes later is for the
 * next look. With several rings, the newest packets are held back for a millisecond, so that those
 * of a slower CPU can come before them; with final set, nothing is. */
void reader_look(Reader *reader, guint64 monotonic, gboolean final);

/* The next packet since the last reader_look(), or NULL. It stays valid until the next call.
 * *session is the number of its session. */
const RingPacket *reader_next(Reader *reader, guint *session);

/* Gives the room of all packets that were returned back to the programs. */
void reader_release(Reader *reader);

/* TRUE if something is in a ring, be it still being written or held back. */
gboolean reader_pending(const Reader *reader);

/* An epoll descriptor that becomes readable when a program wakes the reader: only after
 * reader_arm(), which is followed by a last look before sleeping. */
int reader_fd(const Reader *reader);
void reader_arm(Reader *reader);

/* Shows the programs that the capture lives; xdpshark-hookd does so too, and one of the two is
 * enough. */
void reader_beat(Reader *reader, guint64 monotonic);

/* The counters of a session by action and outcome. Their sum is the number of packets that reached
 * the programs. */
typedef struct {
	guint64 outcomes[XDPSHARK_ACTIONS][XDPSHARK_OUTCOMES];
} ReaderCounts;

void reader_counts(const Reader *reader, guint session, ReaderCounts *counts);

/* Sums over the actions (bit 1 << action). */
guint64 reader_counts_received(const ReaderCounts *counts, guint actions);
guint64 reader_counts_matched(const ReaderCounts *counts, guint actions);
guint64 reader_counts_lost(const ReaderCounts *counts, guint actions);
/* Matched, and left out by --sample or --rate. */
guint64 reader_counts_braked(const ReaderCounts *counts, guint actions);

#endif /* XDPSHARK_READER_H */
