/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of the programs that watch others: a capture whose rings are read when all is over.
 */
#ifndef TRACE_WATCHER_H
#define TRACE_WATCHER_H

#include <glib.h>
#include <linux/filter.h>

#include "program_record.h"
#include "trace.h"

#define WATCHER_LENGTH_MAX 9064
#define BOTH		   (XDPSHARK_AT_ENTRY | XDPSHARK_AT_EXIT)

/* A program whose packets of one device are captured. */
typedef struct {
	int program;
	guint32 id;
	guint32 ifindex;
} Watched;

void watched_init(Watched *watched, int program, guint32 ifindex);

/* How often it has run; counted while bpf_enable_stats() is held. */
guint64 program_runs(int program);
/* Sent packets may be on their way for a while: waits until it has run more often. */
void wait_for_run(int program, guint64 before);

typedef struct {
	struct xdpshark_record record;
	struct xdpshark_program_extra extra;
	guint8 data[WATCHER_LENGTH_MAX];
} Seen;

typedef struct {
	ProgramSet *set;
	TraceLinks links;
	struct xdpshark_cpu *cpus;
	guint8 *segments;
	GArray *packets; /* Seen */
} Capture;

typedef struct {
	gboolean dispatcher;
	guint captured, judged; /* XDPSHARK_AT_...; not judged: at entry */
	guint actions;
	const struct sock_filter *filter; /* NULL: all of ethertype 88b5 */
	gsize filter_length;
	gsize ring_size; /* 0: some */
	guint32 snaplen; /* 0: all */
} Options;

void capture_open(Capture *capture, const Watched *watched, const Options *options);

/* Ends it and reads all its rings, by the time of the packets, entries before exits. */
void capture_end(Capture *capture);
const Seen *seen_at(const Capture *capture, guint at);

/* How many packets have this outcome in this slot. */
guint64 capture_count(const Capture *capture, guint slot, guint outcome);

/* Asserts that no run is kept that has ended, and that nobody is at work. */
void check_nothing_is_left(const Capture *capture);
void capture_close(Capture *capture);

void run(const char *command);

#endif /* TRACE_WATCHER_H */
