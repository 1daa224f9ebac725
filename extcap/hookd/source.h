/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What xdpshark-hookd does for each source type: a table of operations. All that sources have in
 * common is the session's (session.c): identity, rings, brakes, heartbeat, counters, the order of
 * steps.
 */
#ifndef XDPSHARK_SOURCE_H
#define XDPSHARK_SOURCE_H

#include <glib.h>

#include "identity.h"
#include "point.h"
#include "program.h"
#include "session_call.h"

/* Where a move has led. */
typedef enum {
	SOURCE_STAYS,  /* nothing has changed */
	SOURCE_ADRIFT, /* the old place is left, and the new one not taken */
	SOURCE_MOVED,
} SourceMove;

/* A place is what a source holds of a point for one session, and of all that its programs are
 * attached to there, be that slots or links. It comes from open(). Operations that may be NULL say
 * so. */
typedef struct {
	const SourceType *type;

	/* All points: Point *. *ret_others, unless it is NULL, gets points that cannot be captured,
	 * without an address. */
	GPtrArray *(*list)(GPtrArray **ret_others, GError **error);
	/* The points at these addresses, in their order: Point *. */
	GPtrArray *(*describe)(const char *const *addresses, GError **error);

	/* Checks that the point is what the request expects, and may be captured. */
	gpointer (*open)(const SessionRequest *request, GError **error);
	/* Loads the programs. The source adds to the request what its programs need; identity is
	 * what they show to others. */
	ProgramSet *(*load)(gpointer place, ProgramRequest *request, Identity *identity,
			    GError **error);
	/* From here on packets come. All is attached, or nothing. */
	gboolean (*attach)(gpointer place, const ProgramSet *programs, GError **error);
	/* Takes back what attach() did, without waiting until no program runs any more. FALSE if
	 * something may be attached still. */
	gboolean (*detach)(gpointer place, const ProgramSet *programs);

	/* About once a second while it is attached: puts right what others have changed. May be
	 * NULL. */
	void (*mend)(gpointer place, const ProgramSet *programs);
	/* Often while it is attached: FALSE with error if the session must leave its point at once.
	 * May be NULL. */
	gboolean (*guard)(gpointer place, GError **error);
	/* As often: what the source does of itself. May be NULL. */
	void (*beat)(gpointer place, const ProgramSet *programs);
	/* Whether all that attach() did is in place, and since when it was not. May be NULL. */
	void (*attachment)(gconstpointer place, Attachment *ret_attachment);
	/* About once a second: what has become of the point; fills in what it knows. May be NULL.
	 */
	void (*look)(gpointer place, SessionNews *ret_news);
	/* Makes look() report users soon. May be NULL. */
	void (*expect)(gpointer place);
	/* To the point with that id, which is at the same address now. From *ret_since on
	 * (monotonic, in ns) packets are the new one's. May be NULL: its sessions cannot move. */
	SourceMove (*move)(gpointer place, const ProgramSet *programs, guint32 id,
			   guint64 *ret_since, GError **error);

	void (*free)(gpointer place);
} Source;

/* NULL at the end; a row for each of source_types[]. */
extern const Source *const sources[];

/* Never NULL. */
const Source *source_of(const SourceType *type);

/* For a type, or for all if it is NULL; see Source.list(). An error only if there is none that can
 * be listed. */
GPtrArray *source_list(const SourceType *type, GPtrArray **ret_others, GError **error);

#endif /* XDPSHARK_SOURCE_H */
