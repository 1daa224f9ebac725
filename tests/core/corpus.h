/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Reads the filter corpus: classic programs, packets, and libpcap's verdicts. */
#ifndef TESTS_CORE_CORPUS_H
#define TESTS_CORE_CORPUS_H

#include <glib.h>
#include <linux/filter.h>

typedef struct {
	guint8 *bytes;
	guint32 length;
} Packet;

typedef struct {
	gchar *name; /* the filter's number, or the raw program's name */
	gchar *flags;
	struct sock_filter *code;
	gsize length;
	gboolean valid;		/* libpcap accepts it */
	const guint8 *verdicts; /* one bit per packet, or NULL */
	guint32 *values;	/* one per packet, or NULL */
} Program;

/* The folder of the corpus: $CORPUS, or next to the source tree; NULL if there is none. */
gchar *corpus_folder(void);

/* Elements are owned by the arrays. */
GPtrArray *corpus_packets(const gchar *path, GError **error);
/* form is "opt" or "unopt"; packets is their number. */
GPtrArray *corpus_filters(const gchar *folder, const gchar *form, gsize packets, GError **error);
/* suite is "edge" or "random". */
GPtrArray *corpus_suite(const gchar *folder, const gchar *suite, gsize packets, GError **error);

#endif
