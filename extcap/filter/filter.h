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
	FILTER_ERROR_SYNTAX, /* libpcap's words */
	FILTER_ERROR_TIME,   /* libpcap takes too long */
	FILTER_ERROR_FILE,   /* not the output of tcpdump -ddd */
	FILTER_ERROR_FAILED,
} FilterError;

typedef struct {
	struct sock_filter *code;
	gsize length;
	gboolean optimized; /* by libpcap */
} Filter;

/* What libpcap is told of an unknown netmask: `ip broadcast` is then an error. */
#define FILTER_NETMASK_UNKNOWN 0xffffffff

/* Whether libpcap's optimiser runs: by default if it is quick. Its programs differ in meaning from
 * those without it, where a load that it removes would lie behind the end of the packet. */
typedef enum {
	FILTER_OPTIMIZE_IF_QUICK,
	FILTER_OPTIMIZE_NEVER,
} FilterOptimize;

/* Compiles text (NULL or "": every packet) for packets of that type. netmask in network byte order.
 * libpcap runs in a process of its own with a time limit: its optimiser needs minutes for some
 * filters, which are then taken without it. */
Filter *filter_compile(const char *text, LinkType link, guint32 netmask, FilterOptimize optimize,
		       GError **error);

/* Takes a program as `tcpdump -ddd` prints it, the number of instructions and then "code jt jf k"
 * of each, in decimal, a line each or with commas between as iptables has them. name is for
 * messages. */
Filter *filter_parse(const char *text, const char *name, GError **error);

/* The same from a file. */
Filter *filter_read(const char *path, GError **error);

/* The instructions as tcpdump -d prints them, one or all (a line each). To be freed by g_free(). */
char *filter_format_instruction(const Filter *filter, gsize index);
char *filter_format(const Filter *filter);

void filter_free(Filter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Filter, filter_free)

#endif /* XDPSHARK_FILTER_H */
