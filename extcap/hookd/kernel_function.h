/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the code of the kernel's functions is, and whether it can be traced.
 */
#ifndef XDPSHARK_KERNEL_FUNCTION_H
#define XDPSHARK_KERNEL_FUNCTION_H

#include <glib.h>

/* Finds out symbol, address and fixed of all functions among these (KernelTarget *). */
void kernel_functions_locate(const GPtrArray *targets);

#endif /* XDPSHARK_KERNEL_FUNCTION_H */
