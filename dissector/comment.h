/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the comment that xdpshark gives to each packet:
 *
 *	xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1
 *
 * A short one says only what is not the same for all packets of its interface, whose description
 * has the rest: "xdp action=DROP" and "xdp hook=/sys/fs/bpf/fw prog=fw#812 if=eth0".
 *
 * Comments come out of files that anyone may have written, and from users who edit them: nothing
 * is believed about their length, their octets or their end. No dependency but libc and GLib.
 */
#ifndef XDPSHARK_DISSECTOR_COMMENT_H
#define XDPSHARK_DISSECTOR_COMMENT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest comment that is looked at, in octets: what the 16-bit length of a pcapng option can
 * express (draft-ietf-opsawg-pcapng, section 3.5). */
#define COMMENT_LENGTH_MAX 65535

/* A number of 32 bits that the comment may lack. */
typedef struct {
	bool known;
	uint32_t value;
} CommentNumber;

/* What a comment says. The strings are percent-decoded, valid UTF-8 (octets that are not become
 * U+FFFD) and NULL if the comment lacks them. */
typedef struct {
	uint32_t action; /* ACTION_… */
	char *hook;	 /* path of the pinned hook map */
	char *program;	 /* name without "#" and id */
	char *interface; /* ingress network device */
	char *namespace; /* its network namespace: name or inode */
	CommentNumber program_id;
	CommentNumber queue;
	CommentNumber cpu;
} Comment;

/*
 * Reads the length octets at text, which need no terminator. Returns NULL for everything that is
 * not one of our comments: another first word, no action, an unknown action, a word that is not
 * key=value, two spaces in a row, a control character, a '%' without two hexadecimal digits or
 * that stands for NUL, a known key twice, without a value or with one longer than any real one, a
 * number that is none or above 2^32-1. Unknown keys are skipped.
 */
Comment *comment_parse(const char *text, size_t length);

/* Reads the description of an interface, which says in the same words what its packets have in
 * common: a hook, and no action. Else NULL. */
Comment *comment_parse_interface(const char *text, size_t length);

/* Accepts NULL. */
void comment_free(Comment *comment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Comment, comment_free)

#endif
