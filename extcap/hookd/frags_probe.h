/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether programs take frames in fragments, which no call of the kernel says: a program of ours
 * reads it from the kernel's memory.
 */
#ifndef XDPSHARK_FRAGS_PROBE_H
#define XDPSHARK_FRAGS_PROBE_H

#include "point.h"

typedef struct FragsProbe FragsProbe;

/* Never NULL. */
FragsProbe *frags_probe_new(void);
void frags_probe_free(FragsProbe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FragsProbe, frags_probe_free)

Fact frags_probe_ask(FragsProbe *probe, guint32 program);

#endif /* XDPSHARK_FRAGS_PROBE_H */
