/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports when a capture's programs are not where the packets pass: to the user, in the status, in
 * the file, and in the error at the end.
 */
#ifndef XDPSHARK_DETACHED_H
#define XDPSHARK_DETACHED_H

#include <glib.h>
#include <json-glib/json-glib.h>

#include "attachment.h"
#include "clock.h"
#include "point.h"
#include "report.h"

#define DETACHED_ERROR (g_quark_from_static_string("xdpshark_detached_error"))

typedef struct {
	const Clock *clock;
	guint actions;		/* to be captured, bit 1 << action; 0: all */
	gboolean share_foreign; /* the capture may go before programs that are not xdpshark's */
	const char *loss;	/* what that means: "its file misses those packets" */
	ReportFunc *report;
	gpointer data;
} DetachedSetting;

/* For one point, whose pin is at path. What setting points to must outlive it. */
typedef struct Detached Detached;
Detached *detached_new(const char *path, const DetachedSetting *setting);
void detached_free(Detached *detached);

/* Reports at the start what will keep packets from being captured, as far as that is known. */
void detached_start(const Detached *detached, const Point *point);

/* Updates the account, and reports what is new in it. */
void detached_take(Detached *detached, const Attachment *attachment);

/* The same at the end of the capture. */
void detached_end(Detached *detached, const Attachment *attachment);

/* FALSE with error if the capture was detached at its end. */
gboolean detached_check(const Detached *detached, GError **error);

/* Bit 1 << action for those whose packets are missed at the moment, as far as is known. */
guint detached_actions(const Detached *detached);

/* What all of them (Detached *) have missed: "detached from DROP for 3.2 s"; NULL if nothing. Free
 * with g_free(). */
char *detached_format(const GPtrArray *all);

/* Adds the same to the object that is being built: the member `detached`, an array of objects. */
void detached_add_json(JsonBuilder *builder, const GPtrArray *all);

/* The same of one of them, for its file: "xdp detached=DROP:3.204 detached_at_end=DROP"; NULL if
 * nothing. Free with g_free(). */
char *detached_describe(const Detached *detached);

#endif /* XDPSHARK_DETACHED_H */
