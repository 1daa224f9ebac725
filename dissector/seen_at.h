/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a packet was seen; no dependency at all. */
#ifndef XDPSHARK_SEEN_AT_H
#define XDPSHARK_SEEN_AT_H

/* As the field xdp.point numbers them. */
typedef enum {
	SEEN_AT_HOOK,
	SEEN_AT_ENTRY, /* as the program got it */
	SEEN_AT_EXIT,  /* as the program left it */
	SEEN_AT_XSK,   /* as an AF_XDP socket sent it */
} SeenAt;

/* What a program changed, as bits. */
enum {
	CHANGED_BYTES = 1, /* in the part that was there before and after */
	CHANGED_HEAD = 2,  /* the frame begins elsewhere */
	CHANGED_TAIL = 4,  /* the frame ends elsewhere */
};

#endif
