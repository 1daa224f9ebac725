/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs on devices as a source: they are watched as they begin and end.
 */
#ifndef XDPSHARK_PROGRAM_SOURCE_H
#define XDPSHARK_PROGRAM_SOURCE_H

#include "source.h"

extern const Source program_source;
extern const Source tc_source;

#endif /* XDPSHARK_PROGRAM_SOURCE_H */
