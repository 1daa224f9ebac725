/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user changes while a capture of one point runs: its filter, its verdicts, sampling, and
 * whether it pauses. Changes are made one after the other, and nothing waits for them. Who makes
 * them is below: session_changes.h for a point of this machine, remote_changes.h for another's.
 */
#ifndef XDPSHARK_CHANGES_H
#define XDPSHARK_CHANGES_H

#include <glib.h>

#include "source_type.h"

typedef struct {
	char *filter;	  /* "": every packet */
	guint32 verdicts; /* bit 1 << verdict for those to capture; 0: all */
	guint32 sample;	  /* one of so many matching packets; 0 or 1: all */
	gboolean paused;
	guint32 number; /* of what was asked, by whoever asks */
} ChangesSetting;

void changes_setting_copy(ChangesSetting *to, const ChangesSetting *from);
void changes_setting_clear(ChangesSetting *setting);

/* Whatever their numbers are. */
gboolean changes_setting_same_programs(const ChangesSetting *one, const ChangesSetting *other);
gboolean changes_setting_is_same(const ChangesSetting *one, const ChangesSetting *other);

/* Of what was refused nothing is wanted any more, but what was asked for since is. */
void changes_setting_forget(ChangesSetting *wanted, const ChangesSetting *now,
			    const ChangesSetting *refused);

/* Called after each change: error is NULL, or says why it was refused. Then all is as before. */
typedef void ChangesFunc(const GError *error, gpointer data);

typedef struct Changes Changes;

/* Makes everything be like this as soon as possible. What was asked for before, and is not begun,
 * is forgotten. */
typedef void ChangesAsk(Changes *changes, const ChangesSetting *wanted);

struct Changes {
	ChangesAsk *ask;
	const SourceType *source;
	guint slots;	       /* those that verdicts have; 0: each has one */
	ChangesSetting now;    /* in force */
	ChangesSetting wanted; /* asked for last */
	guint32 refused;       /* number of what was refused last */
	ChangesFunc *func;
	gpointer data;
};

void changes_init(Changes *changes, ChangesAsk *ask, const SourceType *source, guint slots,
		  const ChangesSetting *setting);
void changes_clear(Changes *changes);

/* Who wants to know. */
void changes_observe(Changes *changes, ChangesFunc *func, gpointer data);

void changes_ask(Changes *changes, const ChangesSetting *wanted);

/* For whoever makes them: a change is made, or refused. */
void changes_end(Changes *changes, const GError *error);

/* What is changed, for the file and the log: "filter: udp; paused". Free with g_free(). */
char *changes_describe(const ChangesSetting *from, const ChangesSetting *to,
		       const SourceType *type);

#endif /* XDPSHARK_CHANGES_H */
