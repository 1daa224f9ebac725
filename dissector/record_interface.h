/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of a capture file, as packets refer to them. */
#ifndef XDPSHARK_RECORD_INTERFACE_H
#define XDPSHARK_RECORD_INTERFACE_H

#include "parsed_comment.h"

#include <epan/packet.h>
#include <stdbool.h>
#include <stdint.h>

/* Texts are NULL if unknown; Wireshark gives an interface without a name its description as one,
 * or "unknown". */
typedef struct {
	uint32_t section;
	uint32_t number; /* within its section */
	const char *name;
	const char *description;
} RecordInterface;

/* The interface of a packet. Returns false if its record names none. */
bool record_interface(const packet_info *pinfo, RecordInterface *ret);

/* Another interface of the same section. Of one that there is not the texts are unknown. */
RecordInterface record_interface_nth(const packet_info *pinfo, uint32_t section, uint32_t number);

/* What the description says that is in our words, or NULL. To be freed by parsed_comment_free(). */
ParsedComment *record_interface_comment(const RecordInterface *interface);

#endif
