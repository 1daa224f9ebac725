/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs that watch another XDP or tc program (bpf/program.bpf.c): loaded with a compiled
 * filter inside, and attached by links that end with their descriptors.
 */
#ifndef XDPSHARK_TRACE_H
#define XDPSHARK_TRACE_H

#include "program_set.h"

/* What is watched. */
typedef struct {
	guint32 program; /* its id */
	/* Its descriptor and the name of its function; -1 and NULL: it is watched through the
	 * kernel's function that calls all XDP programs. */
	int fd;
	const char *function;
	/* Packets of this device alone count; 0: those of all, which programs in maps get. */
	guint32 ifindex;
	gboolean ports;		  /* those of its ports, too */
	guint64 namespace_cookie; /* of any one for all devices: whether the kernel has them */
	guint64 namespace;	  /* its inode, for kernels without cookies */
	guint captured;		  /* XDPSHARK_AT_... */
	guint judged;		  /* by the filter; both: one match is enough */
	guint actions;		  /* bit 1 << action for those to capture; 0: all */
	gboolean is_tc;		  /* it is one of tc, and gets a skb */
	guint way;		  /* enum xdpshark_way */
} TraceTarget;

ProgramSet *trace_load(const ProgramRequest *request, const TraceTarget *target, GError **error);

/* For another program there, or another device that has taken the place of the first one, with the
 * rings, counters and all settings of the first one, which must outlive it. */
ProgramSet *trace_load_again(const ProgramSet *first, const ProgramRequest *request,
			     const TraceTarget *target, GError **error);

/* In ProgramSet.programs. */
enum { TRACE_ENTRY, TRACE_EXIT };

/* Descriptors of links, -1 for none. */
typedef struct {
	int entry, exit;
} TraceLinks;

gboolean trace_attach(const ProgramSet *set, TraceLinks *ret_links, GError **error);
/* Call program_set_end() before. */
void trace_detach(TraceLinks *links);

/* How often the kernel has left the programs out because they were at work already (5.12; before
 * that it never does). */
guint64 trace_skips(const ProgramSet *set);

/* Counts them as lost, for the reader of the rings: when none of the programs runs any more. */
void trace_count_skips(const ProgramSet *set, guint64 skips);

/* For those that watch through the kernel's function: from now on it is this program. */
void trace_watch(const ProgramSet *set, guint32 program);

/* Why the kernel lets nobody watch programs; NULL: it does. Asked of it once. */
const char *trace_refusal(void);

/* The same of a function of the kernel itself, by the id of its type. */
const char *trace_function_refusal(guint32 function);

/* Why programs cannot be watched through the kernel's function; NULL: they can. */
const char *trace_dispatcher_refusal(void);

#endif /* XDPSHARK_TRACE_H */
