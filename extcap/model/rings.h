/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rings of a capture, as the process that loads the programs passes them to the one that reads
 * the packets. Their layout is in bpf/record.h.
 */
#ifndef XDPSHARK_RINGS_H
#define XDPSHARK_RINGS_H

#include <glib.h>

/* What a reader needs. The descriptors are those of BPF maps; whoever passed them still owns
 * them. */
typedef struct {
	int segments; /* array of segments, to be mapped for writing */
	guint32 segment_count;
	guint32 segment_size; /* bytes of each, its header included */
	int cpus;	      /* array of struct xdpshark_cpu, to be mapped for writing */
	guint32 cpu_count;    /* elements of it; the last one belongs to no CPU */
	int control;	      /* array of one struct xdpshark_control, to be mapped for writing */
	int wake; /* ring buffer of one page, through which the programs wake the reader */
} Rings;

/* How many descriptors these are; they are passed in this order. */
#define RINGS_FDS 4

#endif /* XDPSHARK_RINGS_H */
