/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What xdpshark-hookd finds out about the machine: the contents of CALL_EXAMINE.
 */
#ifndef XDPSHARK_FINDING_H
#define XDPSHARK_FINDING_H

#include <glib.h>

typedef enum {
	ANSWER_NO,
	ANSWER_YES,
	ANSWER_UNKNOWN, /* could not be tried */
	ANSWER_COUNT,
} Answer;

/* Names of findings. */
#define FINDING_LOAD	   "load"	/* BPF programs may be loaded */
#define FINDING_BPFFS	   "bpffs"	/* a bpffs is mounted; detail: where */
#define FINDING_WALK	   "walk"	/* all programs may be listed */
#define FINDING_RINGBUF	   "ringbuf"	/* the kernel has ring buffers */
#define FINDING_CAPTURE	   "capture"	/* the capture programs can be loaded */
#define FINDING_JIT	   "jit"	/* programs are compiled to machine code */
#define FINDING_FRAGS	   "frags"	/* XDP programs may take frames in fragments */
#define FINDING_LOAD_BYTES "load_bytes" /* the kernel has bpf_xdp_load_bytes() */
#define FINDING_BTF	   "btf"	/* the kernel describes its types */
#define FINDING_TRACING	   "tracing"	/* programs may watch others */
#define FINDING_DISPATCHER "dispatcher" /* ... also those without BTF */
#define FINDING_EXT	   "ext"	/* programs may replace parts of others */
#define FINDING_DROPS	   "drops"	/* programs may see what the kernel drops */
#define FINDING_FUNCTIONS  "functions"	/* ... and what its functions get; detail: by what means */

/* What to do about FINDING_BPFFS. Only root needs access to it. */
#define BPFFS_REMEDY "mount -t bpf -o mode=0700 bpf /sys/fs/bpf"

typedef struct {
	char *name;
	Answer answer;
	char *detail; /* or "" */
} Finding;

void finding_free(Finding *finding);

/* The finding with this name, or NULL. */
const Finding *finding_find(const GPtrArray *findings, const char *name);

/* Arrays of findings as messages. findings_to_variant() returns a floating reference. */
#define FINDING_VARIANT_TYPE "(sus)"
GVariant *findings_to_variant(const GPtrArray *findings);
GPtrArray *findings_from_variant(GVariant *variant);

#endif /* XDPSHARK_FINDING_H */
