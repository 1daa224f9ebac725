/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What xdpshark-hookd does for each source type: a table of operations. What all sources have in
 * common is in session.c: identity, rings, brakes, heartbeat, counters, and the order of steps.
 */
#ifndef XDPSHARK_SOURCE_H
#define XDPSHARK_SOURCE_H

#include <glib.h>

#include "identity.h"
#include "point.h"
#include "program.h"
#include "session_call.h"

/* How a move has ended. */
typedef enum {
	SOURCE_STAYS,  /* nothing has changed */
	SOURCE_ADRIFT, /* the old point was left, but the new one not taken */
	SOURCE_MOVED,
} SourceMove;

/* A place, which open() returns, is what a source keeps for one session: the point, and whatever
 * its programs are attached by, be it slots or links. Operations may only be NULL where it says
 * so. */
typedef struct {
	const SourceType *type;

	/* Lists all points (Point *). *ret_others, unless ret_others is NULL, gets those that
	 * cannot be captured, which have no address. */
	GPtrArray *(*list)(GPtrArray **ret_others, GError **error);
	/* Lists those whose address a pattern with * and ? matches, also such as list() leaves out
	 * since they are many. May be NULL. */
	GPtrArray *(*find)(const char *pattern, GError **error);
	/* Completes listed points of this source by what it takes all points of all sources to
	 * know. May be NULL. */
	void (*relate)(GPtrArray *points, const GPtrArray *all);
	/* Describes the points at these addresses (Point *), in the same order. */
	GPtrArray *(*describe)(const char *const *addresses, GError **error);

	/* The addresses of the points that are captured where this one is asked for; NULL: itself.
	 * They are a group, whose newcomers look() reports. May be NULL. */
	GStrv (*members)(const char *address);

	/* Checks that the point is the one that the request expects, and that it may be
	 * captured. */
	gpointer (*open)(const SessionRequest *request, GError **error);
	/* Loads the programs, after adding to the request what they need. identity is what they
	 * show to others. */
	ProgramSet *(*load)(gpointer place, ProgramRequest *request, Identity *identity,
			    GError **error);
	/* Attaches all programs or none. From here on packets come. */
	gboolean (*attach)(gpointer place, const ProgramSet *programs, GError **error);
	/* Undoes attach(), without waiting until no program runs any more. FALSE if something may
	 * still be attached. */
	gboolean (*detach)(gpointer place, const ProgramSet *programs);

	/* Called after detach(), when none of the programs runs any more. May be NULL. */
	void (*settle)(gpointer place, const ProgramSet *programs);

	/* Called about once a second while attached: repairs what others have changed. May be
	 * NULL. */
	void (*mend)(gpointer place, const ProgramSet *programs);
	/* Called often while attached: FALSE with error if the session must leave its point at
	 * once. May be NULL. */
	gboolean (*guard)(gpointer place, GError **error);
	/* Called as often: whatever the source has to do regularly. May be NULL. */
	void (*beat)(gpointer place, const ProgramSet *programs);
	/* Whether everything that attach() did is in place, and if not, since when. May be NULL. */
	void (*attachment)(gconstpointer place, Attachment *ret_attachment);
	/* Called about once a second: fills in what is known about what has become of the point.
	 * May be NULL. */
	void (*look)(gpointer place, SessionNews *ret_news);
	/* What numbers in the records stand for, as far as it was not said before (SessionName *).
	 * NULL if they speak for themselves. */
	GPtrArray *(*names)(gpointer place, const ProgramSet *programs);
	/* Makes look() report the users soon. May be NULL. */
	void (*expect)(gpointer place);
	/* Moves to the point with that id, which is now at the same address. Packets from
	 * *ret_since (monotonic, in ns) on are the new point's. If NULL, sessions cannot move. */
	SourceMove (*move)(gpointer place, const ProgramSet *programs, guint32 id,
			   guint64 *ret_since, GError **error);

	/* Puts programs with another filter, and for other verdicts (bit 1 << verdict; 0: all), in
	 * the place of the attached ones: each packet is judged by exactly one of both. Returns
	 * them, or NULL if all is as before. If NULL, filter and verdicts cannot change. */
	ProgramSet *(*exchange)(gpointer place, const ProgramSet *programs, ProgramRequest *request,
				guint32 verdicts, GError **error);

	void (*free)(gpointer place);
} Source;

/* A row for each of source_types[], ending with NULL. */
extern const Source *const sources[];

/* Never NULL. */
const Source *source_of(const SourceType *type);

/* Lists the points of one type, or if it is NULL of all but those with places of their own; see
 * Source.list(). Fails if one of them cannot be listed. */
GPtrArray *source_list(const SourceType *type, GPtrArray **ret_others, GError **error);

#endif /* XDPSHARK_SOURCE_H */
