/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source of packets at the kernel's own places.
 */
#ifndef XDPSHARK_KERNEL_SOURCE_H
#define XDPSHARK_KERNEL_SOURCE_H

#include "source.h"

extern const Source kernel_source;

#endif /* XDPSHARK_KERNEL_SOURCE_H */
