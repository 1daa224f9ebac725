/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel does not let be captured without a hook, and what to do instead.
 */
#ifndef XDPSHARK_PROGRAM_REFUSAL_H
#define XDPSHARK_PROGRAM_REFUSAL_H

#include "point.h"

/* "REASON; REMEDY", as far as it is known without an attempt; NULL: it can be captured. Free with
 * g_free(). */
char *program_refusal(const Point *point);

#endif /* XDPSHARK_PROGRAM_REFUSAL_H */
