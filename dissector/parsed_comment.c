/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parsed_comment.h"

#include "xdp_action.h"

#include <string.h>

static const char comment_tag[] = "xdp";

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

/* Returns the length octets at text, decoded and terminated, but not yet valid UTF-8; or NULL. */
static char *value_decode(const char *text, size_t length)
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

/*
 * Each reads a value, still encoded, into the member of ParsedComment at field. Decoded it may have
 * at most length_max octets. Returns false if it is empty or invalid.
 */
typedef bool (*ValueReader)(void *field, const char *text, size_t length, size_t length_max);

static bool text_read(void *field, const char *text, size_t length, size_t length_max)
{
	g_autofree char *value = value_decode(text, length);

	if (!value || *value == '\0' || strlen(value) > length_max)
		return false;
	*(char **)field = g_utf8_make_valid(value, -1);
	return true;
}

static bool number_read(void *field, const char *text, size_t length, size_t length_max)
{
	g_autofree char *value = value_decode(text, length);
	guint64 number;

	/* Not strtoul(): it would accept signs and leading blanks. */
	if (!value || strlen(value) > length_max ||
	    !g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &number, NULL))
		return false;
	*(CommentNumber *)field = (CommentNumber){ .known = true, .value = (uint32_t)number };
	return true;
}

static bool action_read(void *field, const char *text, size_t length, size_t length_max)
{
	g_autofree char *value = value_decode(text, length);

	return value && strlen(value) <= length_max &&
	       xdp_action_find(value, strlen(value), true, field);
}

/* A name may contain '#', an id cannot: the last '#' that is not encoded separates them. Either may
 * be missing, as the kernel allows programs without a name. */
static bool program_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;
	const char *mark = g_strrstr_len(text, (gssize)length, "#");
	size_t name_length = mark ? (size_t)(mark - text) : length;

	if (mark && !number_read(&comment->program_id, mark + 1, length - name_length - 1, 10))
		return false;
	return (mark && name_length == 0) ||
	       text_read(&comment->program, text, name_length, length_max);
}

/* The keys. Maximum lengths are PATH_MAX for the hook, the kernel's KSYM_NAME_LEN for the program,
 * ALTIFNAMSIZ for the interface, NAME_MAX for the namespace, and ten digits. */
static const struct {
	const char *key;
	ValueReader read;
	size_t offset;
	size_t length_max;
} comment_keys[] = {
	{ "action", action_read, offsetof(ParsedComment, action), 16 },
	{ "hook", text_read, offsetof(ParsedComment, hook), 4096 },
	{ "prog", program_read, 0, 512 },
	{ "if", text_read, offsetof(ParsedComment, interface), 128 },
	{ "netns", text_read, offsetof(ParsedComment, namespace), 255 },
	{ "queue", number_read, offsetof(ParsedComment, queue), 10 },
	{ "cpu", number_read, offsetof(ParsedComment, cpu), 10 },
};

#define ROW_ACTION 0

/* The row of a key, or G_N_ELEMENTS(comment_keys) if it is unknown. */
static size_t row_find(const char *key, size_t length)
{
	size_t row;

	for (row = 0; row < G_N_ELEMENTS(comment_keys); row++) {
		if (strlen(comment_keys[row].key) == length &&
		    memcmp(comment_keys[row].key, key, length) == 0)
			break;
	}
	return row;
}

static bool key_check(const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isalnum(key[i]) && key[i] != '_' && key[i] != '-' && key[i] != '.')
			return false;
	}
	return length > 0;
}

/* Reads one word, key=value, into comment; *seen has a bit for each row seen. */
static bool word_read(ParsedComment *comment, unsigned *seen, const char *word, size_t length)
{
	const char *equals = memchr(word, '=', length);
	g_autofree char *ignored = NULL;
	const char *value;
	size_t row;

	if (!equals || !key_check(word, (size_t)(equals - word)))
		return false;
	row = row_find(word, (size_t)(equals - word));
	value = equals + 1;
	length -= (size_t)(value - word);
	if (row == G_N_ELEMENTS(comment_keys)) {
		ignored = value_decode(value, length);
		return ignored != NULL;
	}
	if (*seen & 1U << row)
		return false;
	*seen |= 1U << row;
	return comment_keys[row].read((char *)comment + comment_keys[row].offset, value, length,
				      comment_keys[row].length_max);
}

/* Reads the tag and the words; *seen gets a bit for each known key. */
static ParsedComment *words_parse(const char *text, size_t length, unsigned *seen)
{
	const size_t tag_length = sizeof(comment_tag) - 1;
	const char *end = text + length;
	g_autoptr(ParsedComment) comment = NULL;

	if (length <= tag_length || length > COMMENT_LENGTH_MAX ||
	    memcmp(text, comment_tag, tag_length) != 0)
		return NULL;

	comment = g_new0(ParsedComment, 1);
	text += tag_length;
	while (text < end) {
		const char *word = text + 1;
		const char *space;

		/* At the end of a word: nothing but a space and a word may follow. */
		if (*text != ' ' || word == end)
			return NULL;
		space = memchr(word, ' ', (size_t)(end - word));
		text = space ? space : end;
		if (!word_read(comment, seen, word, (size_t)(text - word)))
			return NULL;
	}
	return g_steal_pointer(&comment);
}

ParsedComment *parsed_comment_new(const char *text, size_t length)
{
	unsigned seen = 0;
	g_autoptr(ParsedComment) comment = words_parse(text, length, &seen);

	return seen & 1U << ROW_ACTION ? g_steal_pointer(&comment) : NULL;
}

ParsedComment *parsed_comment_new_interface(const char *text, size_t length)
{
	unsigned seen = 0;
	g_autoptr(ParsedComment) comment = words_parse(text, length, &seen);

	return comment && comment->hook && !(seen & 1U << ROW_ACTION) ? g_steal_pointer(&comment)
								      : NULL;
}

void parsed_comment_free(ParsedComment *comment)
{
	if (!comment)
		return;
	g_free(comment->hook);
	g_free(comment->program);
	g_free(comment->interface);
	g_free(comment->namespace);
	g_free(comment);
}
