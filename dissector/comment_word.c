/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "comment_word.h"

#include <string.h>

/* The octet percent-encoded at text, or -1 if it is cut off, is not hexadecimal or is NUL, which no
 * name can contain. */
static int escape_decode(const char *text, const char *end)
{
	int octet;

	if (end - text < 3 || !g_ascii_isxdigit(text[1]) || !g_ascii_isxdigit(text[2]))
		return -1;
	octet = g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2]);
	return octet ? octet : -1;
}

char *comment_value_decode(const char *text, size_t length)
{
	const char *end = text + length;
	g_autofree char *value = g_malloc(length + 1);
	size_t used = 0;

	while (text < end) {
		int octet = (unsigned char)*text;
		int width = 1;

		if (octet == '%') {
			octet = escape_decode(text, end);
			width = 3;
		} else if (octet <= ' ' || octet == 0x7f) {
			octet = -1;
		}
		if (octet < 0)
			return NULL;
		value[used++] = (char)octet;
		text += width;
	}
	value[used] = '\0';
	return g_steal_pointer(&value);
}

bool comment_text_read(void *field, const char *text, size_t length, size_t length_max)
{
	g_autofree char *value = comment_value_decode(text, length);

	if (!value || *value == '\0' || strlen(value) > length_max)
		return false;
	*(char **)field = g_utf8_make_valid(value, -1);
	return true;
}

bool comment_digits_read(const char *text, size_t length, size_t length_max, uint64_t most,
			 uint64_t *ret)
{
	g_autofree char *value = comment_value_decode(text, length);
	guint64 number;

	/* Not strtoul(): it would accept signs and leading blanks. */
	if (!value || strlen(value) > length_max ||
	    !g_ascii_string_to_unsigned(value, 10, 0, most, &number, NULL))
		return false;
	*ret = number;
	return true;
}

bool comment_number_read(void *field, const char *text, size_t length, size_t length_max)
{
	uint64_t number;

	if (!comment_digits_read(text, length, length_max, UINT32_MAX, &number))
		return false;
	*(CommentNumber *)field = (CommentNumber){ .known = true, .value = (uint32_t)number };
	return true;
}

bool comment_long_read(void *field, const char *text, size_t length, size_t length_max)
{
	CommentLong *number = field;

	number->known = comment_digits_read(text, length, length_max, UINT64_MAX, &number->value);
	return number->known;
}

bool comment_hexadecimal_read(void *field, const char *text, size_t length, size_t length_max)
{
	g_autofree char *value = comment_value_decode(text, length);
	guint64 number;

	if (!value || strlen(value) > length_max || !g_str_has_prefix(value, "0x") ||
	    !g_ascii_string_to_unsigned(value + 2, 16, 0, UINT32_MAX, &number, NULL))
		return false;
	*(CommentNumber *)field = (CommentNumber){ .known = true, .value = (uint32_t)number };
	return true;
}

/* A name may contain '#', an id cannot: the last '#' that is not encoded separates them. */
bool comment_named_read(char **name, CommentNumber *id, const char *text, size_t length,
			size_t length_max)
{
	const char *mark = g_strrstr_len(text, (gssize)length, "#");
	size_t name_length = mark ? (size_t)(mark - text) : length;

	if (mark && !comment_number_read(id, mark + 1, length - name_length - 1, 10))
		return false;
	return (mark && name_length == 0) || comment_text_read(name, text, name_length, length_max);
}

static bool key_check(const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isalnum(key[i]) && key[i] != '_' && key[i] != '-' && key[i] != '.')
			return false;
	}
	return length > 0;
}

/* The row of a key, or count if it is unknown. */
static size_t row_find(const CommentKey *keys, size_t count, const char *key, size_t length)
{
	size_t row = 0;

	while (row < count &&
	       (strlen(keys[row].key) != length || memcmp(keys[row].key, key, length) != 0))
		row++;
	return row;
}

/* What is read, and a bit for each known key that was seen. */
typedef struct {
	const CommentKey *keys;
	size_t count;
	void *target;
	unsigned seen;
} Reading;

/* Reads one word, key=value. */
static bool word_read(Reading *reading, const char *word, size_t length)
{
	const char *equals = memchr(word, '=', length);
	g_autofree char *ignored = NULL;
	const CommentKey *key;
	const char *value;
	size_t row;

	if (!equals || !key_check(word, (size_t)(equals - word)))
		return false;
	row = row_find(reading->keys, reading->count, word, (size_t)(equals - word));
	value = equals + 1;
	length -= (size_t)(value - word);
	if (row == reading->count) {
		ignored = comment_value_decode(value, length);
		return ignored != NULL;
	}
	if (reading->seen & 1U << row)
		return false;
	reading->seen |= 1U << row;
	key = &reading->keys[row];
	return key->read((char *)reading->target + key->offset, value, length, key->length_max);
}

bool comment_words_read(const char *tag, const CommentKey *keys, size_t count, void *target,
			const char *text, size_t length)
{
	Reading reading = { .keys = keys, .count = count, .target = target };
	const size_t tag_length = strlen(tag);
	const char *end = text + length;

	if (length <= tag_length || length > COMMENT_LENGTH_MAX ||
	    memcmp(text, tag, tag_length) != 0)
		return false;
	text += tag_length;
	while (text < end) {
		const char *word = text + 1;
		const char *space;

		/* At the end of a word: nothing but a space and a word may follow. */
		if (*text != ' ' || word == end)
			return false;
		space = memchr(word, ' ', (size_t)(end - word));
		text = space ? space : end;
		if (!word_read(&reading, word, (size_t)(text - word)))
			return false;
	}
	return true;
}
