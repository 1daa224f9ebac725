/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rings of a capture, one for each CPU: their sizes, and which CPU has which. What is in them
 * is told in bpf/record.h.
 */
#ifndef XDPSHARK_RINGS_H
#define XDPSHARK_RINGS_H

#include <glib.h>

/* What a reader needs. The descriptors are of BPF maps, and stay their owner's. */
typedef struct {
	int segments; /* array of segments, to be mapped for writing */
	guint32 segment_count;
	guint32 segment_size; /* bytes of each, its header included */
	int cpus;	      /* array of struct xdpshark_cpu, to be mapped for writing */
	guint32 cpu_count;
	int control; /* array of one struct xdpshark_control, to be mapped for writing */
	int wake;    /* ring buffer of a page, by which the programs wake the reader */
} Rings;

/* The descriptors among them, in the order in which they are handed over. */
#define RINGS_FDS 4

/* Sets segment_count and segment_size for rings of `size` bytes for each CPU that is online. */
void rings_plan(Rings *rings, gsize size);

/* Gives each CPU that is online its segments, all of them being free. One that comes up later has
 * none, and what it would capture counts as lost. Returns 0 or a negative errno. */
int rings_assign(const Rings *rings);

#endif /* XDPSHARK_RINGS_H */
