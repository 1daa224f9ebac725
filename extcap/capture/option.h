/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of a capture: one table for the parser of the command line, for --help, and for
 * Wireshark's dialog.
 */
#ifndef XDPSHARK_OPTION_H
#define XDPSHARK_OPTION_H

#include <glib.h>

#include "remote_host.h"
#include "source_type.h"

typedef enum {
	OPTION_VERDICT_OFF,
	OPTION_VERDICT_ON,
} OptionVerdict;

typedef enum {
	OPTION_COMMENTS_SHORT, /* only what differs between the packets of the interface */
	OPTION_COMMENTS_FULL,
	OPTION_COMMENTS_OFF, /* only the verdict option has the action */
} OptionComments;

typedef enum {
	OPTION_COLOR_AUTO, /* on a terminal */
	OPTION_COLOR_ALWAYS,
	OPTION_COLOR_NEVER,
} OptionColor;

/* 31 years: longer than any machine runs, and microseconds do not overflow. */
#define OPTION_DURATION_MAX 1e9

/* Parsed values. The default is not always zero: see option_defaults(). */
typedef struct {
	gint64 snaplen;	      /* bytes; 0: whole packets */
	gint64 buffer;	      /* MiB for all rings together; 0: depends on memory and CPUs */
	gint64 sample;	      /* one of this many packets; 0: all */
	gint64 rate;	      /* packets per second and CPU; 0: no limit */
	gint64 count;	      /* packets; 0: no limit */
	gdouble duration;     /* seconds; 0: no limit */
	gint64 verdict;	      /* OptionVerdict */
	gint64 comments;      /* OptionComments */
	gint64 at;	      /* SOURCE_AT_... */
	gint64 filter_at;     /* the same */
	gint64 print;	      /* packets, to standard output */
	gint64 color;	      /* OptionColor */
	gint64 pcap;	      /* write that format: see option_wants_pcap() */
	gint64 file_size;     /* bytes after which another file begins; 0: no limit */
	gint64 file_seconds;  /* likewise, by time; 0: no limit */
	gint64 file_count;    /* files; 0: no limit */
	gint64 log_level;     /* GLogLevelFlags: minimum level to log */
	gint64 unproven;      /* also capture from what may be a jump table */
	gint64 share_foreign; /* go before programs of others in the slots */
	gint64 keep_ssh;      /* also capture the ssh connection that it runs in */
	gint64 follow;	      /* move on to another point that is pinned at the path */
	gint64 stack;	      /* the calls that led to a packet in the kernel */
	gint64 track;	      /* follow a packet of the kernel from where it matched */
	gint64 verbose;
	gint64 quiet;
	gint64 json;	      /* like verbose, for programs */
	gdouble alive;	      /* seconds without standard input; 0: no limit */
	gint64 remote_rights; /* RemoteRights */
	char *transport;      /* see RemoteAccess, and the next three */
	char *remote_program;
	char *ssh_key;
	char *ssh_jump;
	char *verdicts; /* names, separated by commas; NULL: all */
	char *log_file; /* NULL: no log */
	char *write;	/* NULL: none given */
	char *reasons;	/* this and the next ones: NULL or "": all */
	char *device;
	char *netns;
	char *process;
	char *mark;
	char *user; /* whom root's process becomes; NULL: see privilege_find_account() */
} OptionValues;

void option_defaults(OptionValues *ret_values);

/* FALSE if values contradict each other. */
gboolean option_check(const OptionValues *values, GError **error);
/* FALSE if an option is not for points of that type, or names an unknown verdict. *ret_verdicts:
 * bit 1 << verdict for those to capture; 0: all. */
gboolean option_check_source(const OptionValues *values, const SourceType *type,
			     guint32 *ret_verdicts, GError **error);
void option_clear(OptionValues *values);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OptionValues, option_clear)

/* A parser for the table's options that stores them in values, which must outlive it. extcap: only
 * those in Wireshark's dialog. */
GOptionGroup *option_group(OptionValues *values, gboolean extcap);

/* The same for those that lead to other hosts, and these added to a group for the same values. */
GOptionGroup *option_remote_group(OptionValues *values);
void option_add_remote_rows(GOptionGroup *group);

/* By --pcap, or by the name of the file. */
gboolean option_wants_pcap(const OptionValues *values);

/* Whether an option on the command line ("-c" or "--count") takes a value. */
gboolean option_takes_value(const char *typed);

/* Adds those that another xdpshark needs for the same packets. */
void option_append_words(const OptionValues *values, GPtrArray *words);

/* What leads to other hosts, as long as values are there. */
RemoteAccess option_access(const OptionValues *values);

/* FALSE if the text is no mark. NULL and "" are any mark: *ret_mask is 0. */
gboolean option_parse_mark(const char *text, guint32 *ret_value, guint32 *ret_mask);

/* Size of each CPU's ring for these options, in bytes: a power of 2. */
gsize option_ring_size(const OptionValues *values, guint cpus, guint points);

#endif /* XDPSHARK_OPTION_H */
