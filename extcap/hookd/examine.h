/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has of what captures need, found out by trying.
 */
#ifndef XDPSHARK_EXAMINE_H
#define XDPSHARK_EXAMINE_H

#include <glib.h>

#include "finding.h"

/* Finding * for each of the names (FINDING_...), or for all if there are none. Loads programs and
 * throws them away; but for names that take none, does not. */
GPtrArray *examine_machine(const char *const *names);

#endif /* XDPSHARK_EXAMINE_H */
