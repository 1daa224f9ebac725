/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parses the comment that xdpshark adds to each packet:
 *
 * *       xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1
 *
 * A short one has only what differs between the packets of its interface, whose description has the
 * rest: "xdp action=DROP" and "xdp hook=/sys/fs/bpf/fw prog=fw#812 if=eth0". A program that is
 * captured without a hook has "at=entry" or "at=exit" instead, what AF_XDP sockets send "at=xsk".
 *
 * Comments come from files that anyone may have written, and from users who edit them: their
 * length, octets and end are not trusted. Depends only on libc and GLib.
 */
#ifndef XDPSHARK_PARSED_COMMENT_H
#define XDPSHARK_PARSED_COMMENT_H

#include "comment_word.h"
#include "seen_at.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* enum bpf_map_type of include/uapi/linux/bpf.h; repeated for the same reason as the actions. */
enum {
	MAP_NONE = 0,
	MAP_DEVMAP = 14,
	MAP_CPUMAP = 16,
	MAP_XSKMAP = 17,
};

/* Where a packet was redirected to: a device, or an element of a map. Without either: unknown. */
typedef struct {
	char *interface;
	uint32_t map_type; /* MAP_… */
	uint32_t map_id;
	uint32_t key;
} CommentRedirect;

/* What became of a packet that an AF_XDP socket sent, as the field xdp.sent numbers it. */
enum {
	SENT_OK,
	SENT_DROP,
	SENT_BUSY,
	SENT_ERROR,
};

/* The contents of a comment. The strings are percent-decoded, valid UTF-8 (invalid octets become
 * U+FFFD), and NULL if the comment lacks them. */
typedef struct {
	bool action_known;
	bool linear;	  /* only the first part of a frame in fragments is there */
	uint32_t action;  /* ACTION_…, if known */
	SeenAt point;	  /* SEEN_AT_HOOK if it does not say */
	unsigned changed; /* CHANGED_… */
	char *hook;	  /* path of the pinned hook map */
	char *program;	  /* name without "#" and id */
	char *interface;  /* ingress network device */
	char *namespace;  /* its network namespace: name or inode */
	char *host;	  /* the other host that it was captured on */
	CommentNumber program_id;
	CommentNumber queue;
	CommentNumber cpu;
	CommentLong latency; /* nanoseconds from entry to exit */
	CommentRedirect redirect;
	CommentLong socket; /* inode of the AF_XDP socket that got or sent the packet */
	CommentNumber sent; /* SENT_… */
	char *process;	    /* that has the socket, or sent: as program */
	CommentNumber process_id;
	CommentNumber frame; /* what its memory is known by */
} ParsedComment;

/*
 * Parses the length octets at text, which need no terminator. Returns NULL for anything but one of
 * our comments: another first word, neither action nor point, an unknown one, a word that is not
 * key=value, two spaces in a row, a control character, a '%' without two hexadecimal digits or for
 * NUL, a known key twice, without a value or with one longer than any real one, an invalid number
 * or one above 2^32-1 (nanoseconds: 2^64-1). Unknown keys are skipped.
 */
ParsedComment *parsed_comment_new(const char *text, size_t length);

/* The same for the description of an interface, which has what its packets have in common, in the
 * same format: a hook or a point, and no action. */
ParsedComment *parsed_comment_new_interface(const char *text, size_t length);

/* Accepts NULL. */
void parsed_comment_free(ParsedComment *comment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParsedComment, parsed_comment_free)

#endif
