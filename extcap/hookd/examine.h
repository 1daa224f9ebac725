/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds out by trying what the kernel has of what captures need.
 */
#ifndef XDPSHARK_EXAMINE_H
#define XDPSHARK_EXAMINE_H

#include <glib.h>

#include "finding.h"

/* A Finding * for each of the names (FINDING_...), or for all if there are no names. If a finding
 * requires it, loads programs and discards them. */
GPtrArray *examine_machine(const char *const *names);

#endif /* XDPSHARK_EXAMINE_H */
