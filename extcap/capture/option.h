/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of a capture: one table from which the command line's parser and --help, and
 * Wireshark's option dialog are made.
 */
#ifndef XDPSHARK_OPTION_H
#define XDPSHARK_OPTION_H

#include <glib.h>

#include "source_type.h"

typedef enum {
	OPTION_VERDICT_OFF,
	OPTION_VERDICT_ON,
} OptionVerdict;

typedef enum {
	OPTION_COMMENTS_SHORT, /* what is not the same for all packets of the interface */
	OPTION_COMMENTS_FULL,
	OPTION_COMMENTS_OFF, /* the action is in the verdict option alone */
} OptionComments;

/* 31 years: more than a machine runs, and less than any clock's microseconds overflow. */
#define OPTION_DURATION_MAX 1e9

/* Parsed values; zero is not the default of all, see option_defaults(). */
typedef struct {
	gint64 snaplen;	      /* bytes; 0: whole packets */
	gint64 buffer;	      /* MiB of all rings together; 0: by memory and CPUs */
	gint64 sample;	      /* one of so many packets; 0: all */
	gint64 rate;	      /* packets a second and CPU; 0: no limit */
	gint64 count;	      /* packets; 0: no limit */
	gdouble duration;     /* seconds; 0: no limit */
	gint64 verdict;	      /* OptionVerdict */
	gint64 comments;      /* OptionComments */
	gint64 at;	      /* SOURCE_AT_... */
	gint64 log_level;     /* GLogLevelFlags of the least important to log */
	gint64 unproven;      /* capture also from what is perhaps no point */
	gint64 share_foreign; /* go before programs of others in the slots */
	gint64 keep_ssh;      /* capture the ssh connection that it runs in, too */
	gint64 follow;	      /* go on with another point that is pinned at the path */
	gint64 verbose;
	gint64 quiet;
	gint64 json;	/* the same as verbose, for programs */
	char *verdicts; /* names, with commas between; NULL: all */
	char *log_file; /* NULL: no log */
	char *write;	/* NULL: none given */
	char *user;	/* whom root's process becomes; NULL: as privilege_find_account() chooses */
} OptionValues;

void option_defaults(OptionValues *values);

/* FALSE for values that do not go together. */
gboolean option_check(const OptionValues *values, GError **error);
/* FALSE if some are not for points of that type, or name no verdicts of theirs. *ret_verdicts: bit
 * 1 << verdict for those to capture; 0: all. */
gboolean option_check_source(const OptionValues *values, const SourceType *type,
			     guint32 *ret_verdicts, GError **error);
void option_clear(OptionValues *values);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OptionValues, option_clear)

/* A parser for the table's options, storing into values, which must outlive it. extcap: only those
 * that Wireshark's dialog has. */
GOptionGroup *option_group(OptionValues *values, gboolean extcap);

/* Whether an option of the command line ("-c" or "--count") takes a value. */
gboolean option_takes_value(const char *typed);

/* Prints the sentences of --extcap-config for points of that type; with reload, the values of that
 * option alone. */
void option_print_config(const SourceType *type, const char *reload);

/* Bytes of each CPU's ring for these options: a power of 2. */
gsize option_ring_size(const OptionValues *values, guint cpus, guint points);

#endif /* XDPSHARK_OPTION_H */
