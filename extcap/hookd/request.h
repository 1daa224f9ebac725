/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How xdpshark-hookd answers the calls (call.h).
 */
#ifndef XDPSHARK_REQUEST_H
#define XDPSHARK_REQUEST_H

#include <glib.h>

#include "match.h"
#include "session.h"

/* The state of xdpshark-hookd. */
typedef struct {
	GPtrArray *sessions; /* Session * */
	Match *match;	     /* the filter of CALL_OPEN_MATCH, or NULL */
	guint matches;	     /* how many of them were opened */
	GVariantBuilder log; /* lines that go with the next answer */
	guint logged;	     /* how many lines these are */
	gint64 next_mend;    /* monotonic, in us */
	GError *refusal;     /* the answer to everything, if we could not be confined */
} Hookd;

/* Returns the result of a call as a floating reference, or NULL with error. fds gets the
 * descriptors (int) that go with it, which the session still owns. */
GVariant *request_answer(Hookd *hookd, const char *method, GVariant *arguments, GArray *fds,
			 GError **error);

/* Mends all sessions. Call it when next_mend has passed. */
void request_mend(Hookd *hookd);

/* Ends everything when the caller is gone. */
void request_end(Hookd *hookd);

#endif /* XDPSHARK_REQUEST_H */
