/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the rings of one or several sessions as one stream in the order of time, straight from
 * their memory: needs no privilege and makes no system call for a packet.
 */
#ifndef XDPSHARK_READER_H
#define XDPSHARK_READER_H

#include <glib.h>

#include "input.h"
#include "merge.h"
#include "rings.h"

#define READER_ERROR (reader_error_quark())
GQuark reader_error_quark(void);

typedef struct Reader Reader;

Reader *reader_new(GError **error);
void reader_free(Reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_free)

/* The input that it is to the capture; it stays the reader's. Its packets go into the stream's
 * interface of the number of their session. */
Input *reader_input(Reader *reader);

/* Adds the rings of a session, which must outlive the reader. Sessions are numbered in the order of
 * their being added, from 0. */
gboolean reader_add(Reader *reader, const Rings *rings, GError **error);

/* Looks how far the rings are filled; monotonic is the time now, in ns. What comes later is for the
 * next look; and so are packets that are younger than one that a CPU is still at work on. With
 * final set, no CPU is. */
void reader_look(Reader *reader, guint64 monotonic, gboolean final);

/* The next packet since the last reader_look(), or NULL. It stays valid until the next call.
 * *session is the number of its session. */
const RingPacket *reader_next(Reader *reader, guint *session);

/* Gives the room of all packets that were returned back to the programs. */
void reader_release(Reader *reader);

/* TRUE if something is in a ring, be it still being written or held back. */
gboolean reader_pending(const Reader *reader);

/* Has the programs copy nothing any more, where they cannot be taken out of their slots. */
void reader_close(Reader *reader);

#endif /* XDPSHARK_READER_H */
