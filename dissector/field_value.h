/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of Wireshark's fields, read out of octets once more: the old ones were never
 * dissected. */
#ifndef XDPSHARK_FIELD_VALUE_H
#define XDPSHARK_FIELD_VALUE_H

#include <epan/proto.h>
#include <stdbool.h>
#include <stdint.h>

/* Addresses and numbers: all of the field is shown, also if only a part of it changed. */
bool field_value_is_scalar(const field_info *field);

/* False for mere text in the tree, for protocols and for titles. */
bool field_value_has_name(const field_info *field);

/* As long as the field: whether that part of the octets which is the field's is different. */
bool field_value_differs(const field_info *field, const uint8_t *old, const uint8_t *new);

/* Of a scalar. */
char *field_value_format(wmem_allocator_t *pool, const field_info *field, const uint8_t *octets,
			 unsigned length);

#endif
