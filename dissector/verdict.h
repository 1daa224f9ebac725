/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds what a packet's record says about XDP, wherever that may be. */
#ifndef XDPSHARK_DISSECTOR_VERDICT_H
#define XDPSHARK_DISSECTOR_VERDICT_H

#include "parsed_comment.h"

#include <epan/packet.h>
#include <stdbool.h>
#include <stdint.h>

/* Strings are valid UTF-8, live in pinfo->pool and are NULL if unknown. */
typedef struct {
	CommentNumber action;
	CommentNumber point; /* SEEN_AT_… */
	const char *hook;
	const char *program;
	const char *interface;
	const char *namespace;
	const char *host;
	CommentNumber program_id;
	CommentNumber queue;
	CommentNumber cpu;
	CommentLong latency;
	CommentRedirect redirect;
	CommentLong socket;
	CommentNumber sent; /* SENT_… */
	const char *process;
	CommentNumber process_id;
	CommentNumber frame; /* what its memory is known by */
	CommentLong number;  /* of the packet, the same at entry and exit */
	unsigned changed;    /* CHANGED_… */
	bool linear;	     /* only the first part of a frame in fragments is there */
	uint64_t lost; /* packets lost between the previous one of this interface and this one */
} Verdict;

/*
 * Reads, in this order, the comments that the user edited, those of the record (the first
 * well-formed one counts), the verdict option, and the interface's name; the last two are used
 * together if there is no comment. The queue comes from its option if the comment lacks it. Returns
 * false if none of these is about XDP.
 */
bool verdict_read(packet_info *pinfo, Verdict *ret_verdict);

/* A redirect in the words of the comment, "devmap:12:3"; NULL if it is unknown. */
const char *verdict_redirect_format(wmem_allocator_t *pool, const CommentRedirect *redirect);

#endif
