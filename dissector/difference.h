/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program did to a frame: compares it at entry and at exit, also where it begins or ends
 * elsewhere, or where something was put in behind its first octets, as a VLAN tag is. No
 * dependency but libc; nothing is believed about lengths.
 */
#ifndef XDPSHARK_DIFFERENCE_H
#define XDPSHARK_DIFFERENCE_H

#include "seen_at.h"

#include <stdbool.h>
#include <stdint.h>

/* So many runs of octets; then one that reaches over all the rest. */
#define DIFFERENCE_RUNS_MAX 64

/* The octets of a frame that are there, and how long all of it was. */
typedef struct {
	const uint8_t *octets;
	uint32_t kept;
	uint32_t length;
} FrameOctets;

typedef enum {
	CHANGE_BYTES, /* octets have other values: as many old as new ones */
	CHANGE_HEAD,  /* put in or taken out, all behind it has moved */
	CHANGE_TAIL,  /* added or cut off at the end */
} ChangeKind;

typedef struct {
	ChangeKind kind;
	uint32_t offset;     /* in the new frame */
	uint32_t old_length; /* 0 if octets were put in */
	uint32_t new_length; /* 0 if octets were taken out */
	const uint8_t *old;  /* the first old_kept of them */
	uint32_t old_kept;
} Change;

typedef struct {
	unsigned count;
	uint32_t compared;			 /* octets of the old frame that were compared */
	bool partial;				 /* there were more, of which nothing is known */
	Change changes[DIFFERENCE_RUNS_MAX + 3]; /* by offset */
} Difference;

/* changed: what is known beforehand, CHANGED_…, or 0. The changes point into the old frame. */
void difference_find(const FrameOctets *old, const FrameOctets *new, unsigned changed,
		     Difference *ret);

/* What changed, as CHANGED_…. */
unsigned difference_changed(const Difference *difference);

#endif
