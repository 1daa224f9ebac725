/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture tells a person on standard error: a line a second, and a summary at the end.
 */
#ifndef XDPSHARK_STATUS_H
#define XDPSHARK_STATUS_H

#include <glib.h>

#include "reader.h"

/* "received 1200 (DROP 1150, PASS 50), matched 80 (DROP 80), lost 0", to be freed by g_free(). */
char *status_format(const ReaderCounts *counts);

/* Adds the counters of one session to those of all. */
void status_add(ReaderCounts *sum, const ReaderCounts *counts);

#endif /* XDPSHARK_STATUS_H */
