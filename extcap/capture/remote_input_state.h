/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the input of another host consists of, for the files that hear from it (remote_input.c) and
 * hand on its packets (remote_packets.c).
 */
#ifndef XDPSHARK_REMOTE_INPUT_STATE_H
#define XDPSHARK_REMOTE_INPUT_STATE_H

#include <glib.h>

#include "counts.h"
#include "input.h"
#include "pcapng_guest.h"
#include "remote_changes.h"
#include "remote_input.h"
#include "remote_process.h"
#include "remote_speech.h"

/* What may wait here. Then it waits in the connection, and at last in the rings there. */
#define REMOTE_WAITING_MAX ((gsize)4 * 1024 * 1024)

typedef struct {
	gboolean written;
	guint32 number;
	guint64 packets; /* in the current file */
} RemoteInterface;

typedef struct {
	guint64 end; /* of the stream's bytes that came then */
	guint64 time;
} RemoteArrival;

struct RemoteInput {
	Input base;
	RemoteRequest request;
	char *label;
	RemoteProcess *process;
	RemoteSpeech *speech;
	RemoteChanges *changes; /* NULL: it has not offered any */
	PcapngGuest *guest;
	GArray *interfaces; /* RemoteInterface */
	guint file;	    /* for which their numbers are */
	GQueue arrivals;    /* RemoteArrival * */
	guint64 came;	    /* bytes */
	/* the next packet */
	gboolean has_packet;
	guint interface;
	guint64 time;
	guint64 late; /* packets */
	gboolean late_reported;
	Counts counts;
	const SourceType *source; /* of all its points; NULL: there are several */
	guint64 heard;		  /* monotonic, in ns: the last sign of life */
	guint checks_after_end;
	gboolean armed;
	int wake[2];
	guint output_source, error_source, end_source;
	gboolean output_ended, stopping, ended;
	GError *error;
};

extern const InputType remote_input_type;

/* Goes on to the next packet, if there is none yet. */
void remote_input_find_packet(RemoteInput *remote);

/* Reads on, where too much had waited. */
void remote_input_watch_output(RemoteInput *remote);

#endif /* XDPSHARK_REMOTE_INPUT_STATE_H */
