/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture on one point, as far as it touches BPF: classic instructions go in, descriptors of
 * rings and counters come out. Knows nothing of libpcap, of reading or of output, so that all that
 * needs privilege stands behind this header; nor of what kind of point it is: source.h does.
 */
#ifndef XDPSHARK_SESSION_H
#define XDPSHARK_SESSION_H

#include <glib.h>

#include "attachment.h"
#include "rings.h"
#include "session_call.h"

typedef struct Session Session;

/* Checks the point, compiles and loads; attaches nothing. With hooks, what a dead xdpshark left in
 * the slots is taken out. */
Session *session_open(const SessionRequest *request, GError **error);

/* What is asked of a session is refused unless it is in a state for it: session.c has the table. */

/* Starts the captures of these sessions (Session *): attaches their programs to their points.
 * All or none. */
gboolean session_attach_all(const GPtrArray *sessions, GError **error);

/* To be called about once a second: see slot_mend(), with hooks. What was found is kept in the
 * account that session_attachment() hands out. */
void session_mend(Session *session);

/* To be called often while it is attached: leaves its point if it must not be there any more, which
 * session_look() reports. */
void session_guard(Session *session);

/* To be called several times a second: the programs go on copying packets. */
void session_beat(const Session *session);

/* Whether its programs are attached, as far as was seen; after it was detached, whether they were
 * so before, and are gone. */
void session_attachment(const Session *session, Attachment *ret_attachment);

/* To be called about once a second: what has become of its point; see, with hooks,
 * watch_pin() and watch_users(). */
void session_look(Session *session, SessionNews *ret_news);
/* Makes session_look() tell the users soon, in any case. */
void session_expect(Session *session);

/* Moves a session that was attached to the point with that id, which is at its address now. Rings
 * and counters stay; packets of the new one have times from *ret_since (monotonic, in ns) on.
 * FALSE if that cannot be: for SESSION_ERROR_KIND never, else it may be tried again. Then it stays
 * where it is, but for the case that it was lost to somebody else just then: it
 * captures nothing until the next try. */
gboolean session_move(Session *session, guint32 id, guint64 *ret_since, GError **error);

/* Ends captures (Session *): detaches them and waits until none of the programs runs any
 * more: after that rings and counters do not change. All of them must be attached, or none is
 * touched. */
gboolean session_detach_all(const GPtrArray *sessions, GError **error);

/* The same for those among them that are attached. */
void session_end_all(const GPtrArray *sessions);

/* Of its point. */
const SourceType *session_type(const Session *session);

/* What a reader needs; the descriptors stay the session's. */
const Rings *session_rings(const Session *session);

/* Detaches, if that was not done, and frees everything. */
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

#endif /* XDPSHARK_SESSION_H */
