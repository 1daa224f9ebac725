/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions that read, in a capture program, the device that a packet came from: its name,
 * its type and its network namespace, which an index alone does not tell.
 */
#ifndef XDPSHARK_DEVICE_CODE_H
#define XDPSHARK_DEVICE_CODE_H

#include <glib.h>

#include "splice.h"

/* The bodies of read_device() and is_other_device() of bpf/hook.bpf.c for the running kernel, in
 * static memory. FALSE where the kernel does not let programs look at the device: before 6.2,
 * without BTF, without a just-in-time compiler. */
gboolean device_code_get(SpliceCode *ret_read, SpliceCode *ret_compare);

/* Begins to find out, which takes some 6 ms, in a thread: device_code_get() waits for the rest. To
 * be called when it is likely to be wanted soon. */
void device_code_begin(void);

#endif /* XDPSHARK_DEVICE_CODE_H */
