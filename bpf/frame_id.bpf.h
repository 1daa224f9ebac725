/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a frame is known by on both sides of the driver that makes an skb of it: its place in
 * memory, which both have in common where the bytes are not copied. Nobody is to learn addresses of
 * the kernel from it: it is their SipHash-1-3, whose key only xdpshark-hookd knows.
 */
#ifndef XDPSHARK_FRAME_ID_BPF_H
#define XDPSHARK_FRAME_ID_BPF_H

#include "ring.bpf.h"

/* Bytes of address that are left away: a tag that is taken out moves the beginning by 4 of them,
 * and no two frames are as near each other. */
#define FRAME_ID_SHIFT 8

static __always_inline __u64 rotate(__u64 value, __u32 by)
{
	return value << by | value >> (64 - by);
}

static __always_inline void sip_round(__u64 *a, __u64 *b, __u64 *c, __u64 *d)
{
	*a += *b;
	*b = rotate(*b, 13) ^ *a;
	*a = rotate(*a, 32);
	*c += *d;
	*d = rotate(*d, 16) ^ *c;
	*a += *d;
	*d = rotate(*d, 21) ^ *a;
	*c += *b;
	*b = rotate(*b, 17) ^ *c;
	*c = rotate(*c, 32);
}

static __always_inline __u64 sip_hash(__u64 word)
{
	/* "somepseudorandomlygeneratedbytes", as it was defined */
	__u64 a = config.salt[0] ^ 0x736f6d6570736575ULL;
	__u64 b = config.salt[1] ^ 0x646f72616e646f6dULL;
	__u64 c = config.salt[0] ^ 0x6c7967656e657261ULL;
	__u64 d = config.salt[1] ^ 0x7465646279746573ULL;
	const __u64 length = 8ULL << 56;

	d ^= word;
	sip_round(&a, &b, &c, &d);
	a ^= word;
	d ^= length;
	sip_round(&a, &b, &c, &d);
	a ^= length;
	c ^= 0xff;
	sip_round(&a, &b, &c, &d);
	sip_round(&a, &b, &c, &d);
	sip_round(&a, &b, &c, &d);
	return a ^ b ^ c ^ d;
}

/* Of the frame that begins at the address; 0: it is not asked for. */
static __always_inline __u32 frame_id(__u64 address)
{
	__u32 id;

	if (!config.salt[0])
		return 0;
	id = sip_hash(address >> FRAME_ID_SHIFT);
	return id ? id : 1;
}

#endif /* XDPSHARK_FRAME_ID_BPF_H */
