/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user changes while a capture of one point runs: its filter, its verdicts, sampling, and
 * whether it pauses. Changes are made one after the other, and nothing waits for them.
 */
#ifndef XDPSHARK_CHANGES_H
#define XDPSHARK_CHANGES_H

#include <glib.h>

#include "broker_session.h"
#include "clock.h"
#include "point_filter.h"
#include "stream.h"

typedef struct {
	char *filter;	  /* "": every packet */
	guint32 verdicts; /* bit 1 << verdict for those to capture; 0: all */
	guint32 sample;	  /* one of so many matching packets; 0 or 1: all */
	gboolean paused;
} ChangesSetting;

void changes_setting_copy(ChangesSetting *to, const ChangesSetting *from);
void changes_setting_clear(ChangesSetting *setting);

/* Called after each change: error is NULL, or says why it was refused. Then all is as before. */
typedef void ChangesFunc(const GError *error, gpointer data);

/* The capture that is changed: its only point has number 0 everywhere. */
typedef struct {
	Broker *broker;
	BrokerSession *session;
	Stream *stream;
	const Clock *clock;
	GPtrArray *filters; /* PointFilter *, of which the first one is replaced */
} ChangesCapture;

/* setting: what the capture begins with. */
typedef struct Changes Changes;
Changes *changes_new(const ChangesCapture *capture, const ChangesSetting *setting);
void changes_free(Changes *changes);

/* Who wants to know. */
void changes_observe(Changes *changes, ChangesFunc *func, gpointer data);

/* What is in force, and what was asked for. Without a change on its way both are the same. */
const ChangesSetting *changes_setting(const Changes *changes);
const ChangesSetting *changes_wanted(const Changes *changes);

/* Makes everything be like this as soon as possible. What was asked for before, and has not
 * reached xdpshark-hookd, is forgotten. */
void changes_ask(Changes *changes, const ChangesSetting *wanted);

/* To be called when broker_is_changing() and its answer has come, and then when no answer is
 * outstanding any more. FALSE with error if xdpshark-hookd has ended. */
gboolean changes_answered(Changes *changes, GError **error);
void changes_continue(Changes *changes);

/* At the end of the capture: waits for a change that xdpshark-hookd is making, and notes all of
 * them for the file. */
void changes_finish(Changes *changes);

#endif /* XDPSHARK_CHANGES_H */
