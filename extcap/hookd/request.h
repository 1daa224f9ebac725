/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls (call.h) as xdpshark-hookd answers them.
 */
#ifndef XDPSHARK_REQUEST_H
#define XDPSHARK_REQUEST_H

#include <glib.h>

#include "match.h"
#include "session.h"

/* All that xdpshark-hookd knows. */
typedef struct {
	GPtrArray *sessions; /* Session * */
	Match *match;	     /* that of CALL_OPEN_MATCH, or NULL */
	guint matches;	     /* so many of them were opened */
	GVariantBuilder log; /* what is logged goes with the next answer */
	guint logged;	     /* lines in it */
	gint64 next_mend;    /* monotonic, in us */
	GError *refusal;     /* to all that is asked, if we could not be confined */
} Hookd;

/* fds: descriptors (int) that go with the answer; they stay the session's. NULL with error is one,
 * too. A floating reference. */
GVariant *request_answer(Hookd *hookd, const char *method, GVariant *arguments, GArray *fds,
			 GError **error);

/* Has all sessions mended. To be called when next_mend is over. */
void request_mend(Hookd *hookd);

/* Nobody asks any more. */
void request_end(Hookd *hookd);

#endif /* XDPSHARK_REQUEST_H */
