/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the interface names in files of xdpcap and xdpdump tell; no dependency but libc. */
#ifndef XDPSHARK_DISSECTOR_INTERFACE_H
#define XDPSHARK_DISSECTOR_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Device and program point into the name and are not terminated; NULL if the name lacks them. */
typedef struct {
	bool has_action;
	uint32_t action;
	const char *device;
	size_t device_length;
	const char *program;
	size_t program_length;
} Interface;

/*
 * Reads the name of an interface. xdpcap has one an action, "XDPDrop" (cmd/xdpcap/main.go:
 * newPcapWriter; an action that its table lacks is "XDPxdpAction(4)"). xdpdump has two a program,
 * "eth0:xdp_main()@fentry" and "…@fexit" (xdp-dump/xdpdump.c: add_interfaces_to_pcapng). Returns
 * false and leaves *ret alone for every other name.
 */
bool interface_parse(const char *name, Interface *ret);

#endif
