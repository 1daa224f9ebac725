/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The actions of XDP programs by name and number. Depends only on libc. */
#ifndef XDPSHARK_XDP_ACTION_H
#define XDPSHARK_XDP_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* enum xdp_action of include/uapi/linux/bpf.h, repeated here so that the plugin can also be built
 * on systems other than Linux, to look at files. */
enum {
	ACTION_ABORTED,
	ACTION_DROP,
	ACTION_PASS,
	ACTION_TX,
	ACTION_REDIRECT,
	ACTION_COUNT,
};

/* "DROP", or NULL if the number is not an action. */
const char *xdp_action_name(uint32_t action);

/* Finds the action named by the length octets at name: "DROP", or in any case if !exact. Returns
 * false and leaves *ret_action untouched if there is none. */
bool xdp_action_find(const char *name, size_t length, bool exact, uint32_t *ret_action);

#endif
