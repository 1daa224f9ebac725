/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture on one point, as far as it touches BPF: classic instructions go in, descriptors of
 * rings and counters come out. Everything that needs privilege is behind this header, and nothing
 * of libpcap, reading or output. What depends on the type of the point is in its source (source.h).
 */
#ifndef XDPSHARK_SESSION_H
#define XDPSHARK_SESSION_H

#include <glib.h>

#include "attachment.h"
#include "rings.h"
#include "session_call.h"

typedef struct Session Session;

/* Checks the point, compiles and loads, but does not attach anything. For hooks, removes what a
 * dead xdpshark has left in the slots. */
Session *session_open(const SessionRequest *request, GError **error);

/* Most of the following functions require a state of the session: session.c has the table. */

/* Starts these captures (Session *): attaches their programs to their points, all or none. */
gboolean session_attach_all(const GPtrArray *sessions, GError **error);

/* Call it about once a second; for hooks, see slot_mend(). What it finds is added to the account
 * that session_attachment() returns. */
void session_mend(Session *session);

/* Call it often: leaves the point if the session must not be there any more, which session_look()
 * then reports. */
void session_guard(Session *session);

/* Call it several times a second to keep the programs copying packets. */
void session_beat(const Session *session);

/* Returns the account of whether the programs are attached. After detaching, it says whether they
 * were attached until then, and are gone. */
void session_attachment(const Session *session, Attachment *ret_attachment);

/* What numbers in its records stand for, as far as it was not said before (SessionName *); NULL:
 * there are none. */
GPtrArray *session_names(Session *session);

/* Call it about once a second: returns what has become of the point; for hooks, see watch_pin() and
 * watch_users(). */
void session_look(Session *session, SessionNews *ret_news);
/* Makes session_look() report the users soon, even if they have not changed. */
void session_expect(Session *session);

/* Moves a session that was attached to the point with that id, which is now at its address. Rings
 * and counters stay the same; packets from *ret_since (monotonic, in ns) on are the new point's. If
 * it fails, it may be tried again, except after SESSION_ERROR_KIND. The session normally stays
 * where it is then; but if the new point was lost to somebody else in the meantime, it captures
 * nothing until the next try. */
gboolean session_move(Session *session, guint32 id, guint64 *ret_since, GError **error);

/* Changes sample and pause of an attached session, and, if the change has one, its filter and its
 * verdicts. If it fails, nothing has changed. */
gboolean session_change(Session *session, const SessionRequest *change, GError **error);

/* Sample and pause of all of its group (Session *) become those of this one, if they were changed:
 * who captures them sees them as one. */
void session_share_brake(const Session *session, const GPtrArray *sessions);

/* Ends captures (Session *): detaches them and waits until none of the programs runs any more. Then
 * rings and counters no longer change. All of them must be attached, or none is touched. */
gboolean session_detach_all(const GPtrArray *sessions, GError **error);

/* The same for those of them that are attached. */
void session_end_all(const GPtrArray *sessions);

/* The type of its point. */
const SourceType *session_type(const Session *session);

/* What a reader needs. The session owns the descriptors. */
const Rings *session_rings(const Session *session);

/* Detaches, unless that was done, and frees everything. */
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

#endif /* XDPSHARK_SESSION_H */
