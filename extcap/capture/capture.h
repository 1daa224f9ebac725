/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole capture: sessions on one or several points, read in order of time and written to an
 * output until something ends it.
 */
#ifndef XDPSHARK_EXTCAP_CAPTURE_H
#define XDPSHARK_EXTCAP_CAPTURE_H

#include <glib.h>

#include "broker.h"
#include "changes.h"
#include "copy.h"
#include "counts.h"
#include "exclusion.h"
#include "option.h"
#include "output.h"
#include "rotation.h"

typedef struct Capture Capture;

typedef struct {
	const GPtrArray *points;    /* PointAddress *, of this host */
	const GPtrArray *hosts;	    /* RemoteHost *, others; NULL: none */
	const char *filter;	    /* NULL or "": every packet */
	const Exclusion *exclusion; /* packets that are left out besides, or NULL */
	const char *const *remarks; /* lines for the user at the start, or NULL */
	const OptionValues *options;
} CaptureRequest;

/* Compiles the filter and loads the programs for all points. Nothing is captured yet and no slot is
 * touched. The broker, and what request points to, must outlive the capture. */
Capture *capture_new(Broker *broker, const CaptureRequest *request, GError **error);

/* To change the capture while it runs; NULL unless it has one point, of this machine or of another
 * host that offers it. The capture's. */
Changes *capture_changes(Capture *capture);

/* What was counted so far. */
void capture_count(const Capture *capture, Counts *ret_counts);

typedef enum {
	CAPTURE_PLAIN = 0,
	/* Report on standard error what is captured and, at the end, the counts. */
	CAPTURE_STATUS = 1 << 0,
	/* In addition, report the counts once a second. */
	CAPTURE_EACH_SECOND = 1 << 3,
	/* End when the process that started us ends. That is Wireshark, and dumpcap does not notice
	 * its end. */
	CAPTURE_WITH_PARENT = 1 << 1,
	/* Only print on standard error what goes wrong: Wireshark shows it as an error. */
	CAPTURE_QUIET = 1 << 2,
} CaptureFlags;

/* Where packets go. */
typedef struct {
	Output *output;
	Rotation *rotation; /* of the files after it; NULL: there are none */
	Copy *copy;	    /* of what is written; NULL: none */
} CaptureTarget;

/* Captures into the target until a signal (INT, TERM, HUP, QUIT), the end of its reader, --count or
 * --duration ends it. Then empties the slots, and writes what the rings still hold and the
 * statistics. Leaves these signals blocked: the process is about to end. FALSE with error if the
 * capture ended for another reason. */
gboolean capture_run(Capture *capture, const CaptureTarget *target, CaptureFlags flags,
		     GError **error);

void capture_free(Capture *capture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Capture, capture_free)

#endif /* XDPSHARK_EXTCAP_CAPTURE_H */
