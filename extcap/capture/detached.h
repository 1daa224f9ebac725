/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a capture's programs are where packets come by: what the user is told when they are not,
 * and what stands in the status, in the file and in the error at the end.
 */
#ifndef XDPSHARK_DETACHED_H
#define XDPSHARK_DETACHED_H

#include <glib.h>
#include <json-glib/json-glib.h>

#include "attachment.h"
#include "clock.h"
#include "point.h"

#define DETACHED_ERROR (g_quark_from_static_string("xdpshark_detached_error"))

/* A line for the user; see FollowTell. */
typedef void DetachedTell(GLogLevelFlags level, const char *text, gpointer data);

typedef struct {
	const Clock *clock;
	guint actions;		/* that are wanted, bit 1 << action; 0: all */
	gboolean share_foreign; /* the capture may go before programs that are not xdpshark's */
	DetachedTell *tell;
	gpointer data;
} DetachedSetting;

/* Of one point; path is that of its pin. What setting points to must outlive it. */
typedef struct Detached Detached;
Detached *detached_new(const char *path, const DetachedSetting *setting);
void detached_free(Detached *detached);

/* Says what keeps packets from coming, as far as is known at the start. */
void detached_start(const Detached *detached, const Point *point);

/* Takes in what is new, and says it. */
void detached_take(Detached *detached, const Attachment *attachment);

/* The same when the capture has ended. */
void detached_end(Detached *detached, const Attachment *attachment);

/* FALSE with an error if it was detached at its end. */
gboolean detached_check(const Detached *detached, GError **error);

/* What all of them (Detached *) have missed: "detached from DROP for 3.2 s"; NULL if nothing. To be
 * freed. */
char *detached_format(const GPtrArray *all);

/* The same as an array of objects, the member `detached` of the one that is being built. */
void detached_add_json(JsonBuilder *builder, const GPtrArray *all);

/* The same of one, for its file: "xdp detached=DROP:3.204 detached_at_end=DROP"; NULL if nothing.
 * To be freed. */
char *detached_describe(const Detached *detached);

#endif /* XDPSHARK_DETACHED_H */
