/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the rings of one or several sessions as one stream in order of time, straight from their
 * memory: without privilege, and without a system call per packet.
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

/* The reader as an input; owned by the reader. A packet goes to the stream's point with the number
 * of its session. */
Input *reader_input(Reader *reader);

/* Adds the rings of a session, which must outlive the reader. Sessions are numbered from 0 in the
 * order in which they are added. */
gboolean reader_add(Reader *reader, const Rings *rings, GError **error);

/* Looks how far the rings are filled; monotonic is the time now, in ns. What comes later is left
 * for the next look, and so are packets younger than one that a CPU is still busy with. final: no
 * CPU is. */
void reader_look(Reader *reader, guint64 monotonic, gboolean final);

/* The next packet since the last reader_look(), or NULL. It stays valid until the next call.
 * *ret_session is the number of its session. */
const RingPacket *reader_next(Reader *reader, guint *ret_session);

/* Gives the room of all packets that were returned back to the programs. */
void reader_release(Reader *reader);

/* TRUE if there is anything in a ring, even if it is still being written or held back. */
gboolean reader_pending(const Reader *reader);

/* Makes the programs stop copying, for when they cannot be taken out of their slots. */
void reader_close(Reader *reader);

#endif /* XDPSHARK_READER_H */
