/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks as a source: programs are put into their slots.
 */
#ifndef XDPSHARK_HOOK_SOURCE_H
#define XDPSHARK_HOOK_SOURCE_H

#include "source.h"

extern const Source hook_source;

#endif /* XDPSHARK_HOOK_SOURCE_H */
