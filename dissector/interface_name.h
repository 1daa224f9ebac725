/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses the interface names in files of xdpcap and xdpdump. Depends only on libc. */
#ifndef XDPSHARK_INTERFACE_NAME_H
#define XDPSHARK_INTERFACE_NAME_H

#include "seen_at.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Device and program point into the name and are not terminated; NULL if the name lacks them. */
typedef struct {
	bool has_action;
	uint32_t action;
	SeenAt point;
	bool tc; /* the program is one of tc, none of XDP */
	const char *device;
	size_t device_length;
	const char *program;
	size_t program_length;
} InterfaceName;

/*
 * Parses the name of an interface. xdpcap has one per action, "XDPDrop" (cmd/xdpcap/main.go:
 * newPcapWriter; an action missing in its table is "XDPxdpAction(4)"). xdpdump has two per program,
 * "eth0:xdp_main()@fentry" and "…@fexit" (xdp-dump/xdpdump.c: add_interfaces_to_pcapng);
 * xdpshark puts "tc:" in front where the program is one of tc. Returns false and leaves *ret_name
 * untouched for any other name.
 */
bool interface_name_parse(const char *name, InterfaceName *ret_name);

#endif
