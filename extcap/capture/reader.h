/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the rings of one or several sessions as one stream in the order of time, straight from
 * their memory: needs no privilege and makes no system call for a packet.
 */
#ifndef XDPSHARK_READER_H
#define XDPSHARK_READER_H

#include <glib.h>

#include "counts.h"
#include "merge.h"
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
 * next look; and so are packets that are younger than one that a CPU is still at work on. With
 * final set, no CPU is. */
void reader_look(Reader *reader, guint64 monotonic, gboolean final);

/* How much the last look found. */
MergeLoad reader_load(const Reader *reader);

/* The next packet since the last reader_look(), or NULL. It stays valid until the next call.
 * *session is the number of its session. */
const RingPacket *reader_next(Reader *reader, guint *session);

/* Gives the room of all packets that were returned back to the programs. */
void reader_release(Reader *reader);

/* TRUE if something is in a ring, be it still being written or held back. */
gboolean reader_pending(const Reader *reader);

/* An epoll descriptor that is readable once a program has woken the reader, until
 * reader_acknowledge(). */
int reader_fd(const Reader *reader);
void reader_acknowledge(Reader *reader);

/* From now on the next packet wakes the reader, once; a last look before sleeping must follow. */
void reader_arm(Reader *reader);

/* From now on a ring that fills up wakes the reader, once. */
void reader_set_alarms(Reader *reader);

/* Has the programs copy nothing any more, where they cannot be taken out of their slots. */
void reader_close(Reader *reader);

/* The counters of a session. */
void reader_counts(const Reader *reader, guint session, Counts *ret_counts);

#endif /* XDPSHARK_READER_H */
