/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The actions of XDP programs by name and number; no dependency but libc. */
#ifndef XDPSHARK_DISSECTOR_ACTION_H
#define XDPSHARK_DISSECTOR_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* enum xdp_action of include/uapi/linux/bpf.h; repeated here so that the plugin can also be built
 * where there is no Linux, to look at files. */
enum {
	ACTION_ABORTED,
	ACTION_DROP,
	ACTION_PASS,
	ACTION_TX,
	ACTION_REDIRECT,
	ACTION_COUNT,
};

/* "DROP", or NULL for a number that is no action's. */
const char *action_name(uint32_t action);

/* Finds the action whose name, "DROP" or, in any case, "Drop" if !exact, is exactly the length
 * octets at name. Returns false and leaves *ret_action alone if there is none. */
bool action_find(const char *name, size_t length, bool exact, uint32_t *ret_action);

#endif
