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
	SESSION_ERROR_LEFT,  /* the hook is none any more */
	SESSION_ERROR_KIND,  /* the hook takes no programs like those of this session */
	SESSION_ERROR_STATE, /* this cannot be asked of a session in its state */
} SessionError;

typedef struct {
	const char *address;		  /* of the point */
	guint32 id;			  /* of what is expected there */
	const struct sock_filter *filter; /* classic instructions */
	gsize filter_length;
	guint32 snaplen;
	guint32 sample; /* capture one of so many matching packets, by chance; 0 or 1: all */
	guint32 rate;	/* packets a second on each CPU at most; 0: no limit */
	guint actions;	/* bit 1 << action; 0: all that the hook has a slot for */
	gboolean share_foreign; /* go before programs in the slots that are not xdpshark's */
	gboolean unproven;	/* also if it is perhaps no hook, but a jump table; for root */
	gsize ring_size;	/* bytes of each CPU's ring, a power of 2 */
} SessionRequest;

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
