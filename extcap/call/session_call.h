/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked for a capture, and what is reported of it: the contents of the calls about
 * sessions.
 */
#ifndef XDPSHARK_SESSION_CALL_H
#define XDPSHARK_SESSION_CALL_H

#include <glib.h>
#include <linux/filter.h>

#include "attachment.h"
#include "point.h"

#define SESSION_ERROR (session_error_quark())
GQuark session_error_quark(void);
typedef enum {
	SESSION_ERROR_LEFT,    /* the hook is none any more */
	SESSION_ERROR_KIND,    /* the hook takes no programs like those of this session */
	SESSION_ERROR_STATE,   /* this cannot be asked of a session in its state */
	SESSION_ERROR_REQUEST, /* an option is none, or wrong */
} SessionError;

typedef struct {
	const SourceType *type;
	const char *address;		  /* of the point */
	guint32 id;			  /* of what is expected there */
	const struct sock_filter *filter; /* classic instructions */
	gsize filter_length;
	guint32 snaplen;
	guint32 sample;	  /* capture one of so many matching packets, by chance; 0 or 1: all */
	guint32 rate;	  /* packets a second on each CPU at most; 0: no limit */
	guint32 verdicts; /* bit 1 << verdict for those to capture; 0: all that there are */
	guint32 at;	  /* SOURCE_AT_...; 0: both */
	gboolean share_foreign; /* go before programs in the slots that are not xdpshark's */
	gboolean unproven;	/* also if it is perhaps no hook, but a jump table; for root */
	gsize ring_size;	/* bytes of each CPU's ring, a power of 2 */
} SessionRequest;

/* As a message: options by name, and those only that are not 0. A floating reference. */
GVariant *session_request_pack(const SessionRequest *request);

/* The same back from options (a{sv}). An option that there is not, is not of its type, or not for
 * points of that type, is refused by its name. What *ret_request points to is to be freed by
 * session_request_clear(). */
gboolean session_request_unpack(GVariant *options, SessionRequest *ret_request, GError **error);
void session_request_clear(SessionRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SessionRequest, session_request_clear)

typedef enum {
	PIN_KEPT,      /* the pin leads to the capture's hook */
	PIN_GONE,      /* nothing is pinned there */
	PIN_UNMOUNTED, /* no bpffs is mounted there */
	PIN_REPLACED,  /* another hook is pinned there */
	PIN_UNUSED,    /* another map is, which no program uses yet */
	PIN_FOREIGN,   /* something else is, or it cannot be told what */
} PinState;

/* What has become of the hook of a session. */
typedef struct {
	PinState pin;
	char *remark;
	char *refusal; /* why the session has left its hook; NULL: it has not */
	Attachment attachment;
	Point *users;
	Point *pinned; /* what is pinned there now */
} SessionNews;

#endif /* XDPSHARK_SESSION_CALL_H */
