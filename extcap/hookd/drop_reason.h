/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel calls the reasons for which it drops packets, and whether it says them at
 * all: from its own description of its types (BTF), modules included.
 */
#ifndef XDPSHARK_DROP_REASON_H
#define XDPSHARK_DROP_REASON_H

#include <glib.h>

typedef struct {
	guint32 number;
	char *name; /* "NETFILTER_DROP" */
} DropReason;

typedef struct {
	gboolean known;	  /* the tracepoint kfree_skb says the reason */
	GPtrArray *names; /* DropReason * */
} DropReasons;

struct btf;

/* NULL with error if the kernel does not describe the tracepoint. */
DropReasons *drop_reasons_read(struct btf *kernel, GError **error);
void drop_reasons_free(DropReasons *reasons);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DropReasons, drop_reasons_free)

/* FALSE if there is no reason of that name, be it written as the kernel's sources do
 * (SKB_DROP_REASON_NO_SOCKET) or not (no_socket). */
gboolean drop_reasons_find(const DropReasons *reasons, const char *name, guint32 *ret_number);

#endif /* XDPSHARK_DROP_REASON_H */
