/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rings of a capture as they are handed from the process that loads programs to the one that
 * reads packets. Their layout is in bpf/record.h.
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
	guint32 cpu_count;    /* elements of it: the last one is no CPU's */
	int control;	      /* array of one struct xdpshark_control, to be mapped for writing */
	int wake;	      /* ring buffer of a page, by which the programs wake the reader */
} Rings;

/* The descriptors among them, in the order in which they are handed over. */
#define RINGS_FDS 4

#endif /* XDPSHARK_RINGS_H */
