/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What numbered.bpf.c and numbered.c share: numbered frames, and what became of each. */
#ifndef XDPSHARK_NUMBERED_H
#define XDPSHARK_NUMBERED_H

#include <linux/types.h>

#define NUMBERED_MAGIC 0x6e756d62
#define NUMBERED_PORT  1000 /* and the four after it: see tests/programs/example.bpf.c */

#define NUMBERED_REST	      0xa5
#define NUMBERED_MARK(NUMBER) ((__u32)(NUMBER)*2654435761U)
#define NUMBERED_SPARE	      1 /* bytes behind it, when it is made */
/* Bytes that the program under test cuts off. */
#define NUMBERED_CUT(NUMBER)  ((NUMBER)&7)

/* The frame as it is sent: Ethernet, IPv4, UDP, payload. */
struct numbered_frame {
	__u8 to[6];
	__u8 from[6];
	__u16 protocol;
	__u8 ip[20];
	__u16 source_port;
	__u16 port;
	__u16 udp_length;
	__u16 udp_checksum;
	__u32 magic;
	__u32 number;
	__u32 mark; /* the number's; the program under test turns its bits over */
	__u8 rest[8];
} __attribute__((packed));

/* How often a frame was seen where. Each place writes a byte of its own. */
struct treatment {
	__u8 begun; /* by the program under test */
	__u8 exceptions;
	__u8 exception; /* the action of the last one */
	__u8 server;
	__u8 client;
	__u8 sink;
	__u8 spoilt; /* arrived with other bytes than the program under test has left */
	__u8 reserved;
};

struct numbered_config {
	__u8 to[6];
	__u8 from[6];
	__u32 ifindex; /* of the device to send from */
};

/* All frames together. */
struct numbered_progress {
	__u64 sent;
	__u64 begun;
	__u64 arrived;
	__u32 entry_id; /* of the program that the device has */
	__u32 reserved;
};

_Static_assert(sizeof(struct treatment) == 8, "an element of an array");

#endif /* XDPSHARK_NUMBERED_H */
