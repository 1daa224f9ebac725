/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the calls about sessions carry: the request for a capture, and reports on it.
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
	SESSION_ERROR_LEFT,    /* the hook is no longer one */
	SESSION_ERROR_KIND,    /* the hook does not take programs of this session's kind */
	SESSION_ERROR_STATE,   /* not allowed in the session's state */
	SESSION_ERROR_REQUEST, /* an option is unknown or wrong */
} SessionError;

typedef struct {
	const SourceType *type;
	const char *address; /* of the point */
	guint32 id;	     /* of the object that is expected there */
	const char *group;   /* of the point: Point.group; NULL: it is captured alone */
	const struct sock_filter *filter; /* classic instructions */
	gsize filter_length;
	guint32 snaplen;
	guint32 sample;	   /* capture one of this many matching packets, by chance; 0 or 1: all */
	guint32 rate;	   /* packets per second and CPU, at most; 0: no limit */
	guint32 verdicts;  /* bit 1 << verdict for those to capture; 0: all */
	guint32 at;	   /* what is captured: SOURCE_AT_...; 0: both */
	guint32 filter_at; /* what the filter looks at; both: one match is enough; 0: the entry */
	gboolean share_foreign; /* go before programs in the slots that are not xdpshark's */
	gboolean unproven;	/* even if it may be a jump table instead of a hook; root only */
	/* What is wanted of the kernel's packets; NULL and 0: all. */
	const char *reasons; /* names, separated by commas */
	const char *process; /* name or id */
	const char *netns;
	const char *device;
	guint32 mark, mark_mask;
	gboolean stack;	 /* the calls that led to each packet, too */
	gboolean track;	 /* follow what matched once */
	gsize ring_size; /* bytes of each CPU's ring, a power of 2; 0: packets that match are
			    only counted, with their bytes */
	/* only for a change */
	guint32 version; /* of the filter: the low 8 bits mark the packets that it lets through */
	gboolean paused; /* let no packet through */
} SessionRequest;

/* As a message: options by name; those that are 0 are left out. Returns a floating reference. */
GVariant *session_request_pack(const SessionRequest *request);

/* Parses options (a{sv}). The error names an option that is unknown, of the wrong type, or not for
 * points of that source type. Free what *ret_request points to with session_request_clear(). */
gboolean session_request_unpack(GVariant *options, SessionRequest *ret_request, GError **error);
void session_request_clear(SessionRequest *request);

/* The same for a change while the capture runs. It has everything that can change; without a
 * filter (filter_length 0), filter, verdicts and version stay as they are. */
GVariant *session_change_pack(const SessionRequest *change);
gboolean session_change_unpack(GVariant *options, SessionRequest *ret_change, GError **error);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SessionRequest, session_request_clear)

/* What numbers in a session's records stand for. */
typedef enum {
	SESSION_NAME_REASON, /* why a packet was dropped */
	SESSION_NAME_PLACE,  /* in the kernel's code: "nf_hook_slow+0x9d" */
	SESSION_NAME_POINT,  /* the function or tracepoint where packets are looked at */
	SESSION_NAME_KINDS,
} SessionNameKind;

typedef struct {
	SessionNameKind kind;
	guint64 number;
	char *text;
} SessionName;

gpointer session_name_new(SessionNameKind kind, guint64 number, const char *text);
void session_name_free(gpointer name);

typedef enum {
	PIN_KEPT,      /* the pin leads to the capture's hook */
	PIN_GONE,      /* nothing is pinned there */
	PIN_UNMOUNTED, /* no bpffs is mounted there */
	PIN_REPLACED,  /* another hook is pinned there */
	PIN_UNUSED,    /* another map is pinned there that no program has used yet */
	PIN_FOREIGN,   /* something else is pinned there, or it cannot be read */
} PinState;

/* What has become of the hook of a session. */
typedef struct {
	PinState pin;
	char *remark;
	char *refusal; /* why the session has left its hook; NULL or "": it has not */
	Attachment attachment;
	Point *users;
	Point *pinned; /* another hook that is pinned there now */
	GPtrArray
		*newcomers; /* Point *: what has come to the session's group, said once; or NULL */
} SessionNews;

#endif /* XDPSHARK_SESSION_CALL_H */
