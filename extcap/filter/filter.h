/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture filters: libpcap's language in, classic BPF out.
 */
#ifndef XDPSHARK_FILTER_H
#define XDPSHARK_FILTER_H

#include <glib.h>
#include <linux/filter.h>

#include "link_type.h"

#define FILTER_ERROR (filter_error_quark())
GQuark filter_error_quark(void);
typedef enum {
	FILTER_ERROR_SYNTAX, /* with libpcap's message */
	FILTER_ERROR_TIME,   /* libpcap takes too long */
	FILTER_ERROR_FILE,   /* not the output of tcpdump -ddd */
	FILTER_ERROR_FAILED,
} FilterError;

typedef struct {
	struct sock_filter *code;
	gsize length;
	gboolean optimized; /* by libpcap */
} Filter;

/* Tells libpcap that the netmask is unknown: `ip broadcast` is then an error. */
#define FILTER_NETMASK_UNKNOWN 0xffffffff

/* Whether libpcap's optimiser runs: by default only if it is quick. Its programs have another
 * meaning if it removes a load that is beyond the end of the packet. */
typedef enum {
	FILTER_OPTIMIZE_IF_QUICK,
	FILTER_OPTIMIZE_NEVER,
} FilterOptimize;

/* Compiles text (NULL or "": every packet) for packets of that link type. netmask is in network
 * byte order. libpcap runs in a process of its own with a time limit. Its optimiser takes minutes
 * for some filters, which are then compiled without it. */
Filter *filter_compile(const char *text, LinkType link, guint32 netmask, FilterOptimize optimize,
		       GError **error);

/* Parses a program in the format of `tcpdump -ddd`: the number of instructions, then "code jt jf k"
 * for each, in decimal, one per line or separated by commas as for iptables. name is for
 * messages. */
Filter *filter_parse(const char *text, const char *name, GError **error);

/* The same from a file. */
Filter *filter_read(const char *path, GError **error);

/* One instruction, or all (one per line), in the format of tcpdump -d. Free with g_free(). */
char *filter_format_instruction(const Filter *filter, gsize index);
char *filter_format(const Filter *filter);

/* Begins the message of an error about a filter with its text, shortened: Wireshark shows 1,024
 * bytes, and the reason must be among them. Other errors stay as they are. */
void filter_error_quote(GError **error, const char *text);

void filter_free(Filter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Filter, filter_free)

#endif /* XDPSHARK_FILTER_H */
