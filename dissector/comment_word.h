/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the comments that xdpshark writes: a first one that says what the comment is about,
 * then key=value, with values percent-encoded. See parsed_comment.h about trust.
 */
#ifndef XDPSHARK_COMMENT_WORD_H
#define XDPSHARK_COMMENT_WORD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Maximum length of a comment in octets: that of a pcapng option, which has 16 bits for it
 * (draft-ietf-opsawg-pcapng, section 3.5). */
#define COMMENT_LENGTH_MAX 65535

/* A 32-bit number that the comment may lack. */
typedef struct {
	bool known;
	uint32_t value;
} CommentNumber;

/* A 64-bit number that the comment may lack. */
typedef struct {
	bool known;
	uint64_t value;
} CommentLong;

/* Reads a value, still encoded, into field. Decoded it may have at most length_max octets. Returns
 * false if it is empty or invalid. */
typedef bool (*CommentValueReader)(void *field, const char *text, size_t length, size_t length_max);

/* At most 32 of them; each may come once. */
typedef struct {
	const char *key;
	CommentValueReader read;
	size_t offset; /* of the field in what is filled in */
	size_t length_max;
} CommentKey;

/* Reads the length octets at text, whose first word must be tag, into target. Unknown keys are
 * skipped. Returns false if anything is not as it should be; some fields may be filled in then. */
bool comment_words_read(const char *tag, const CommentKey *keys, size_t count, void *target,
			const char *text, size_t length);

/* Returns the length octets at text, decoded and terminated, but not yet valid UTF-8; or NULL. */
char *comment_value_decode(const char *text, size_t length);

/* Readers of a text (char *), which is made valid UTF-8, and of a number (CommentNumber), in
 * decimal or hexadecimal with 0x in front, or a long one (CommentLong) in decimal. */
bool comment_text_read(void *field, const char *text, size_t length, size_t length_max);
bool comment_number_read(void *field, const char *text, size_t length, size_t length_max);
bool comment_long_read(void *field, const char *text, size_t length, size_t length_max);
bool comment_hexadecimal_read(void *field, const char *text, size_t length, size_t length_max);

/* A name with an id behind '#', either of which may be missing, as the kernel allows programs
 * without a name. */
bool comment_named_read(char **name, CommentNumber *id, const char *text, size_t length,
			size_t length_max);

/* A decimal number, at most `most`. */
bool comment_digits_read(const char *text, size_t length, size_t length_max, uint64_t most,
			 uint64_t *ret);

#endif
