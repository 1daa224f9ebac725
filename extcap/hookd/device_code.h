/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions for a capture program that read the device a packet came from: its name, type and
 * network namespace, none of which its index reveals.
 */
#ifndef XDPSHARK_DEVICE_CODE_H
#define XDPSHARK_DEVICE_CODE_H

#include <glib.h>

#include "splice.h"

/* The bodies of read_device() and is_other_device() of bpf/hook.bpf.c for the running kernel, in
 * static memory. FALSE if the kernel does not let programs look at the device: before 6.2, without
 * BTF, or without a just-in-time compiler. */
gboolean device_code_get(SpliceCode *ret_read, SpliceCode *ret_compare);

/* Starts to make them in a thread, which takes about 6 ms; device_code_get() waits for it. Call it
 * when they are likely to be needed soon. */
void device_code_begin(void);

#endif /* XDPSHARK_DEVICE_CODE_H */
