/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a compiled filter in the kernel on the caller's packets (BPF_PROG_TEST_RUN). They are passed
 * to the kernel without looking into them.
 */
#ifndef XDPSHARK_MATCH_H
#define XDPSHARK_MATCH_H

#include <glib.h>
#include <linux/filter.h>

typedef struct Match Match;

/* Compiles and loads classic instructions. */
Match *match_new(const struct sock_filter *code, gsize length, GError **error);
void match_free(Match *match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Match, match_free)

/* Runs the filter on a packet of which we have size bytes. *ret_value: its result, 0 for no match.
 * `len` in the filter is wire_length, as in tcpdump. */
gboolean match_run(const Match *match, const void *data, gsize size, guint32 wire_length,
		   guint32 *ret_value, GError **error);

#endif /* XDPSHARK_MATCH_H */
