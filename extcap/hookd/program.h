/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture programs: loaded with a compiled filter inside, of the kind that a hook's owner
 * accepts.
 */
#ifndef XDPSHARK_PROGRAM_H
#define XDPSHARK_PROGRAM_H

#include <glib.h>
#include <linux/filter.h>

#include "config.h"
#include "kind.h"
#include "program_error.h"
#include "record.h"
#include "rings.h"

typedef struct {
	const struct sock_filter *filter; /* classic instructions */
	gsize filter_length;
	guint32 snaplen;
	guint32 sample; /* as in SessionRequest */
	guint32 rate;
	guint actions;	       /* bit 1 << action for those to load */
	gsize ring_size;       /* bytes of each CPU's ring: a power of 2 */
	gboolean names_device; /* the records tell the packets' devices, where the kernel can */
	const ProgramKind *kind;
	const struct xdpshark_identity *identity; /* NULL for programs that go into no slot */
} ProgramRequest;

/* Loaded programs and their maps; all file descriptors are owned by it. */
typedef struct ProgramSet ProgramSet;

ProgramSet *program_set_load(const ProgramRequest *request, GError **error);
void program_set_free(ProgramSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProgramSet, program_set_free)

/* File descriptor and id of the program for an action; -1 and 0 if it was not asked for. */
int program_set_fd(const ProgramSet *set, guint action);
guint32 program_set_id(const ProgramSet *set, guint action);

/* The rings and their descriptors, which stay the set's. */
const Rings *program_set_rings(const ProgramSet *set);

/* The program array with what comes after each of the programs, by action. */
int program_set_next(const ProgramSet *set);

/* Shows the programs that their capture is being read, now (monotonic, in ns): without that they
 * copy nothing. */
void program_set_beat(const ProgramSet *set, guint64 now);

/* Returns when no CPU runs one of the programs any more that had been started before the call: to
 * be called after the slots were emptied, before the rings are drained for the last time. */
void program_set_quiesce(const ProgramSet *set);

/* Loads the filter alone, as a capture would, and throws it away: does the verifier accept it? */
gboolean program_check_filter(const struct sock_filter *filter, gsize length, GError **error);

#endif /* XDPSHARK_PROGRAM_H */
