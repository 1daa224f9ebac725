/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parses the comment that xdpshark adds to packets at the kernel's own points:
 *
 *	skb at=drops reason=NETFILTER_DROP if=eth0 cpu=1 function=nf_hook_slow+0x9d context=softirq
 *
 * and to those that programs of tc get and leave, whose interfaces are described by what their
 * packets have in common:
 *
 *	skb at=exit action=SHOT dir=ingress prog=fw#812 if=eth0 queue=0 cpu=1 ns=412
 *
 * Comments are not trusted: see parsed_comment.h. Depends only on libc and GLib.
 */
#ifndef XDPSHARK_SKB_COMMENT_H
#define XDPSHARK_SKB_COMMENT_H

#include "comment_word.h"

/* The strings are percent-decoded, valid UTF-8, and NULL if the comment lacks them. */
typedef struct {
	char *point;	/* "drops" */
	char *reason;	/* "NETFILTER_DROP" */
	char *location; /* in the kernel's code: "nf_hook_slow+0x9d" */
	char *interface;
	char *namespace;
	char *process;
	char *context; /* "softirq" or "hardirq": nobody's work */
	char *made;    /* header that was not there: "link", or "network" if that, too */
	char *stack;   /* the calls that led there, with commas, the last one first */
	char *part;    /* "linear": only the first part is there */
	/* of programs of tc */
	char *action;	 /* "SHOT" */
	char *direction; /* "ingress" */
	char *program;
	char *changed;	/* "bytes,mark" */
	char *redirect; /* "if:eth1" */
	CommentNumber program_id;
	CommentLong latency; /* nanoseconds from entry to exit */
	CommentNumber pid;
	CommentNumber queue;
	CommentNumber cpu;
	CommentNumber mark;
	CommentNumber hash;
	CommentNumber gso_size;
	CommentNumber gso_segments;
	CommentNumber frame; /* what its memory is known by */
	CommentLong journey; /* its number among those of one capture */
} SkbComment;

/* Parses the length octets at text, which need no terminator. Returns NULL for anything but one of
 * our comments, by the rules of parsed_comment_new(); a point is needed. */
SkbComment *skb_comment_new(const char *text, size_t length);

/* Adds what the packets of an interface have in common, from its description (or NULL). */
void skb_comment_join(SkbComment *comment, const SkbComment *common);

/* Accepts NULL. */
void skb_comment_free(SkbComment *comment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkbComment, skb_comment_free)

#endif
