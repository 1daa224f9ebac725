/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How counts are shown: a table of operations, and a type for each form.
 */
#ifndef XDPSHARK_VIEW_H
#define XDPSHARK_VIEW_H

#include <glib.h>

#include "tally.h"

typedef struct View View;

typedef enum {
	VIEW_BEGIN,    /* nothing has been counted yet */
	VIEW_INTERVAL, /* another interval is over */
	VIEW_AGAIN,    /* the same once more: the terminal has changed */
	VIEW_END,      /* the last time */
} ViewMoment;

typedef struct {
	/* FALSE with error if it cannot be shown, which ends the counting. */
	gboolean (*show)(View *view, const Tally *tally, ViewMoment moment, GError **error);
	/* A line for the user. NULL: it goes to standard error. */
	void (*message)(View *view, const char *text);
	/* A key was pressed. FALSE: it is the one that ends. NULL: keys are not read. */
	gboolean (*key)(View *view, char key);
	/* Leaves the terminal as it was, and takes it again. NULL: there is nothing to do. */
	void (*leave)(View *view);
	void (*enter)(View *view);
	void (*free)(View *view);
} ViewType;

/* The first member of every view. */
struct View {
	const ViewType *type;
};

static inline void view_free(View *view)
{
	if (view)
		view->type->free(view);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(View, view_free)

/* A block of lines for each interval. */
View *plain_view_new(gboolean color);

/* A JSON object a line for each interval. */
View *json_view_new(void);

/* A table that is drawn anew on the terminal. */
View *screen_view_new(gboolean color);

/* Metrics: into a file for each interval, or, with NULL, on standard output at the end. path is
 * that of metrics_file_resolve(). */
View *metrics_view_new(const char *path);

#endif /* XDPSHARK_VIEW_H */
