/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `emit` and `scale` share: an instrumented program with a hook, the product's own capture
 * programs, and runs of them over a packet (BPF_PROG_TEST_RUN with repeat) without any device.
 *
 * Rings are emptied between runs, by publishing the position of the writer: no reader runs beside
 * the programs, so that they are measured alone.
 */
#ifndef XDPSHARK_BENCH_RIG_H
#define XDPSHARK_BENCH_RIG_H

#include <glib.h>

#include "program.h"
#include "trace.h"

/* Bytes of a ring, and of perf's buffer: what the product takes by default on a machine with
 * memory, most of which is not in the CPU's own cache when its turn comes; and one that stays
 * there, which shows what the programs themselves cost. */
#define RIG_RING_DEFAULT ((gsize)16 * 1024 * 1024)
#define RIG_RING_CACHED	 ((gsize)256 * 1024)

/* The destination port of rig_packet(). */
#define RIG_PORT 53

/* Every packet; the port of the packet; another port. */
typedef enum {
	RIG_FILTER_ALL,
	RIG_FILTER_MATCH,
	RIG_FILTER_NO_MATCH,
} RigFilter;

typedef struct Rig Rig;

/* Loads everything that is measured against. Benches end with a message if something fails; without
 * the privilege, with status 77. */
Rig *rig_new(void);
void rig_free(Rig *rig);

/* The product's programs with a filter. */
ProgramSet *rig_capture(RigFilter filter, guint32 snaplen, gsize ring_size);

/* An instrumented program with that program in its hook's slot, -1 for none. A change of a slot
 * waits for a grace period, and so each case has a hook of its own. */
int rig_hook(Rig *rig, int program);

/* A program of its own that only returns, on a device whose name is *ret_device (NULL: whatever).
 */
int rig_empty(Rig *rig, char **ret_device);
guint32 rig_id(int program);

/* That of the rig, as a TraceTarget has it. */
void rig_namespace(guint64 *ret_cookie, guint64 *ret_inode);

/* The product's programs that watch another one. */
ProgramSet *rig_trace(const TraceTarget *target, RigFilter filter, guint32 snaplen,
		      gsize ring_size);

/* Descriptors of the programs of hooked.bpf.c, by name. */
int rig_program(const Rig *rig, const char *name);

/* A UDP packet over IPv4 to RIG_PORT, of that many bytes, to be freed by g_free(). */
guint8 *rig_packet(gsize size);

/* What empties the ring of a CPU after a run. */
typedef struct Drain Drain;
Drain *drain_ring(const ProgramSet *set, guint cpu, gsize ring_size);
/* Perf's buffer for a CPU, put into a map of hooked.bpf.c. wake_each: the reader is woken for each
 * record, as by default and in xdpcap; else when half of the buffer is full. */
Drain *drain_perf(const Rig *rig, const char *map, guint cpu, gsize size, gboolean wake_each);
/* The first, which from now on empties the others, too (NULL: none), and frees them. */
Drain *drain_join(Drain *first, Drain *others);
void drain_free(Drain *drain);

/* ns a packet: runs a program count times over a packet, in pieces that fit into what drain (NULL:
 * nothing is emitted) empties. */
gdouble rig_run(int program, const guint8 *packet, gsize size, guint count, Drain *drain);

/* Fills a ring and empties it, as often as it takes until the processor's caches treat its memory
 * as they do for good: the first three times cost up to three times as much. Returns how many
 * packets were sent. */
guint64 rig_warm(int program, Drain *drain);

void rig_pin(guint cpu);
gdouble rig_median(gdouble *values, guint count);

#endif /* XDPSHARK_BENCH_RIG_H */
