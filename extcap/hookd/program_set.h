/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs of a capture with their maps: what those of all sources have in common. program.c
 * and trace.c load them.
 */
#ifndef XDPSHARK_PROGRAM_SET_H
#define XDPSHARK_PROGRAM_SET_H

#include <glib.h>
#include <linux/filter.h>

#include "config.h"
#include "kind.h"
#include "program_error.h"
#include "record.h"
#include "rings.h"
#include "splice.h"

#include <cbpf/cbpf.h>

struct bpf_object;
struct bpf_program;
struct cbpf_program;

typedef struct {
	const struct sock_filter *filter; /* classic instructions */
	gsize filter_length;
	guint32 snaplen;
	guint32 sample; /* these as in SessionRequest */
	guint32 rate;
	guint32 version;
	guint actions;	       /* bit 1 << action for those to load */
	gsize ring_size;       /* bytes of each CPU's ring: a power of 2; 0: only count */
	gboolean track;	       /* the records say what frames are known by */
	gboolean names_device; /* the records tell the packets' devices, where the kernel can */
	const ProgramKind *kind;
	const struct xdpshark_identity *identity; /* NULL for programs that go into no slot */
} ProgramRequest;

/* As many programs as a source has at most. */
#define PROGRAM_SET_MAX XDPSHARK_ACTIONS

/* Loaded programs and their maps; all file descriptors are owned by it. */
typedef struct {
	gpointer skeleton;
	void (*destroy)(gpointer skeleton);
	struct bpf_object *object;
	/* of the skeleton */
	struct xdpshark_config *config;
	volatile guint64 *heartbeat;
	volatile struct xdpshark_brakes *brakes;       /* once it is loaded */
	struct bpf_program *programs[PROGRAM_SET_MAX]; /* NULL: not asked for */
	guint32 ids[PROGRAM_SET_MAX];
	Rings rings;
	GArray *ring_plan; /* struct xdpshark_ring */
} ProgramSet;

void program_set_free(ProgramSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProgramSet, program_set_free)

/* The rings and their descriptors, which stay the set's. */
const Rings *program_set_rings(const ProgramSet *set);

/* Shows the programs that their capture is being read, now (monotonic, in ns): without that they
 * copy nothing. */
void program_set_beat(const ProgramSet *set, guint64 now);

/* From now on captures one of `sample` matching packets, by chance (0 or 1: all), or none. */
void program_set_brake(const ProgramSet *set, guint32 sample, gboolean paused);

/* Before programs are detached: from now on no packet's record refers to an earlier one. Where the
 * watched program runs while ours at entry goes, the kernel leaves out ours at exit (5.12); the end
 * of the next run, whose beginning nobody has seen, may be taken for it. */
void program_set_end(const ProgramSet *set);

/* Returns when no CPU runs one of the programs any more that had been started before the call: to
 * be called after they were detached, before the rings are drained for the last time. */
void program_set_quiesce(const ProgramSet *set);

/*
 * For those who load them.
 */

/* A set with the source's skeleton, opened. open_set() below sets object, config and heartbeat. */
ProgramSet *program_set_new(gpointer (*open)(void), void (*destroy)(gpointer skeleton),
			    GError **error);

/* Defines what is the same for each skeleton NAME_bpf that bpftool has made: skeleton_of(),
 * load_skeleton(), and open_set(), which returns a set with the opened skeleton. */
#define PROGRAM_SET_SKELETON(NAME)                                                                 \
	static struct NAME##_bpf *skeleton_of(const ProgramSet *set)                               \
	{                                                                                          \
		return set->skeleton;                                                              \
	}                                                                                          \
	static gpointer open_skeleton(void)                                                        \
	{                                                                                          \
		return NAME##_bpf__open();                                                         \
	}                                                                                          \
	static int load_skeleton(gpointer skeleton)                                                \
	{                                                                                          \
		return NAME##_bpf__load(skeleton);                                                 \
	}                                                                                          \
	static void destroy_skeleton(gpointer skeleton)                                            \
	{                                                                                          \
		NAME##_bpf__destroy(skeleton);                                                     \
	}                                                                                          \
	static ProgramSet *open_set(GError **error)                                                \
	{                                                                                          \
		ProgramSet *set = program_set_new(open_skeleton, destroy_skeleton, error);         \
		struct NAME##_bpf *skeleton = set ? set->skeleton : NULL;                          \
                                                                                                   \
		if (!set)                                                                          \
			return NULL;                                                               \
		set->object = skeleton->obj;                                                       \
		set->config = (struct xdpshark_config *)&skeleton->rodata->config;                 \
		set->heartbeat = (volatile guint64 *)&skeleton->bss->heartbeat;                    \
		return set;                                                                        \
	}

/* For a filter that `reach` bytes of a packet are enough for. */
struct cbpf_program *program_set_compile(const ProgramRequest *request, enum cbpf_access access,
					 guint32 buffer_size, GError **error);
/* For a copy of a packet's beginning, of which it looks at *ret_reach bytes. */
struct cbpf_program *program_set_compile_buffer(const ProgramRequest *request, guint32 *ret_reach,
						GError **error);
SpliceCode program_set_code(const struct cbpf_program *filter);

/* Configures what is common to all, from config and the maps' sizes on. */
gboolean program_set_configure(ProgramSet *set, const ProgramRequest *request, GError **error);
void program_set_reach(ProgramSet *set, const struct cbpf_program *filter, guint32 reach);

/* In the place of program_set_configure(), for programs that go on where those of `first` are: with
 * the same configuration, and with its maps, but for read-only data and the map named `own` (or
 * NULL). */
gboolean program_set_continue(ProgramSet *set, const ProgramSet *first, const char *own,
			      GError **error);

/* Whether the request is accepted by the same source with another filter. */
typedef gboolean (*ProgramSetTry)(const ProgramRequest *request, gconstpointer data);

/* Loads with the codes in the places of stubs, and gives the CPUs their rings. */
gboolean program_set_load_all(ProgramSet *set, const ProgramRequest *request,
			      const SpliceCode codes[static XDPSHARK_STUBS],
			      int (*load)(gpointer skeleton), ProgramSetTry attempt,
			      gconstpointer data, GError **error);

#endif /* XDPSHARK_PROGRAM_SET_H */
