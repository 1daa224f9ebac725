/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs of a capture file, each with an interface for entries, for exits or both. */
#ifndef XDPSHARK_TRACED_PROGRAM_H
#define XDPSHARK_TRACED_PROGRAM_H

#include <epan/packet.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
	EXITS_NONE,
	EXITS_MAYBE, /* the interface does not say */
	EXITS_CAPTURED,
} Exits;

/* One for all interfaces of a section that are named and described alike, whatever the point:
 * merged files may have several of each. Lives as long as the file is open. */
typedef struct {
	Exits exits;
	bool nameless; /* all interfaces that nothing is known of, as 4.0 has in later sections */
} TracedProgram;

/* To be called once, when protocols are registered. */
void traced_program_register(void);

/* That of the packet's interface; *ret_interface is the latter's number. Never NULL. */
TracedProgram *traced_program_find(const packet_info *pinfo, uint32_t *ret_interface);

#endif
