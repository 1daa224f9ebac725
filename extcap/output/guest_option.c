// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest_option.h"

#include <string.h>

#include "comment.h"

/* Codes: draft-ietf-opsawg-pcapng, sections 3.5 and 4.2. */
enum { OPT_ENDOFOPT = 0, OPT_COMMENT = 1, IF_NAME = 2, IF_DESCRIPTION = 3 };
#define OPTION_HEAD 4

/* What is left of room in a block for the host's name. */
#define TEXT_MAX 40000

/* How the value of an option is written, and what it may be. */
typedef enum {
	VALUE_TEXT,
	VALUE_BYTES, /* of that width, the same in every byte order */
	VALUE_WORD,
	VALUE_COUNT,
	VALUE_TIME,    /* two words */
	VALUE_VERDICT, /* a byte, and a count */
	VALUE_FILTER,  /* a byte 0, and text */
} ValueKind;

typedef struct {
	ValueKind kind;
	guint16 code;
	guint16 width; /* 0: any */
} OptionForm;

static const OptionForm interface_options[] = {
	{ VALUE_TEXT, IF_NAME, 0 },
	{ VALUE_TEXT, IF_DESCRIPTION, 0 },
	{ VALUE_BYTES, 6, 6 },
	{ VALUE_COUNT, 8, 8 },
	{ VALUE_BYTES, 9, 1 },
	{ VALUE_FILTER, 11, 0 },
	{ VALUE_TEXT, 12, 0 },
	{ VALUE_TEXT, OPT_COMMENT, 0 },
	{ 0 },
};

static const OptionForm packet_options[] = {
	{ VALUE_TEXT, OPT_COMMENT, 0 },
	{ VALUE_WORD, 2, 4 },
	{ VALUE_COUNT, 4, 8 },
	{ VALUE_COUNT, 5, 8 },
	{ VALUE_WORD, 6, 4 },
	{ VALUE_VERDICT, 7, 9 },
	{ 0 },
};

static const OptionForm statistics_options[] = {
	{ VALUE_TEXT, OPT_COMMENT, 0 },
	{ VALUE_TIME, 2, 8 },
	{ VALUE_TIME, 3, 8 },
	{ VALUE_COUNT, 4, 8 },
	{ VALUE_COUNT, 5, 8 },
	{ VALUE_COUNT, 6, 8 },
	{ 0 },
};

static const OptionForm *const forms_of[] = {
	[GUEST_INTERFACE] = interface_options,
	[GUEST_PACKET] = packet_options,
	[GUEST_STATISTICS] = statistics_options,
};

guint16 guest_half(const GuestOrigin *origin, const guint8 *at)
{
	guint16 half;

	memcpy(&half, at, sizeof(half));
	return origin->swapped ? GUINT16_SWAP_LE_BE(half) : half;
}

guint32 guest_word(const GuestOrigin *origin, const guint8 *at)
{
	guint32 word;

	memcpy(&word, at, sizeof(word));
	return origin->swapped ? GUINT32_SWAP_LE_BE(word) : word;
}

static guint64 count_at(const GuestOrigin *origin, const guint8 *at)
{
	guint64 count;

	memcpy(&count, at, sizeof(count));
	return origin->swapped ? GUINT64_SWAP_LE_BE(count) : count;
}

void guest_option_append(GByteArray *out, guint16 code, gconstpointer value, gsize length)
{
	static const guint8 zeros[3];
	const guint16 head[] = { code, (guint16)length };

	g_byte_array_append(out, (const guint8 *)head, sizeof(head));
	g_byte_array_append(out, value, length);
	g_byte_array_append(out, zeros, (4 - length % 4) % 4);
}

static void append_value(const GuestOrigin *origin, GByteArray *out, const OptionForm *form,
			 const guint8 *value, gsize length)
{
	guint8 own[9];
	guint64 count;
	guint32 words[2];

	switch (form->kind) {
	case VALUE_WORD:
		words[0] = guest_word(origin, value);
		guest_option_append(out, form->code, words, sizeof(*words));
		return;
	case VALUE_TIME:
		words[0] = guest_word(origin, value);
		words[1] = guest_word(origin, value + 4);
		guest_option_append(out, form->code, words, sizeof(words));
		return;
	case VALUE_COUNT:
		count = count_at(origin, value);
		guest_option_append(out, form->code, &count, sizeof(count));
		return;
	case VALUE_VERDICT:
		own[0] = value[0];
		count = count_at(origin, value + 1);
		memcpy(own + 1, &count, sizeof(count));
		guest_option_append(out, form->code, own, sizeof(own));
		return;
	case VALUE_FILTER:
	case VALUE_TEXT:
	case VALUE_BYTES:
		guest_option_append(out, form->code, value, length);
		return;
	}
}

/* Text that is ours, to which the host is added; NULL: none. Free with g_free(). */
typedef char *AddHost(const char *text, const char *host);

/* "web1:fw" */
static char *name_with_host(const char *text, const char *host)
{
	return g_strdup_printf("%s:%s", host, text);
}

static char *description_with_host(const char *text, const char *host)
{
	return comment_add_host(text, host);
}

/* A complete comment stands for itself. One that is not is read with the description. */
static char *comment_with_host(const char *text, const char *host)
{
	if (!strstr(text, " hook=") && !strstr(text, " prog=") && !strstr(text, " if="))
		return NULL;
	return comment_add_host(text, host);
}

static AddHost *added_to(const OptionForm *forms, guint16 code)
{
	if (forms == interface_options && code == IF_NAME)
		return name_with_host;
	if (forms == interface_options && code == IF_DESCRIPTION)
		return description_with_host;
	if (forms == packet_options && code == OPT_COMMENT)
		return comment_with_host;
	return NULL;
}

/* Text that is not valid is left out. */
static void append_text(const GuestOrigin *origin, GByteArray *out, const OptionForm *forms,
			const OptionForm *form, const guint8 *value, gsize length)
{
	AddHost *add = added_to(forms, form->code);
	g_autofree char *text = NULL, *added = NULL;

	if (length > TEXT_MAX || memchr(value, '\0', length) ||
	    !g_utf8_validate((const char *)value, (gssize)length, NULL))
		return;
	if (add) {
		text = g_strndup((const char *)value, length);
		added = add(text, origin->host);
	}
	if (added)
		guest_option_append(out, form->code, added, MIN(strlen(added), TEXT_MAX));
	else
		guest_option_append(out, form->code, value, length);
}

static const OptionForm *find_form(const OptionForm *forms, guint16 code)
{
	for (; forms->code; forms++)
		if (forms->code == code)
			return forms;
	return NULL;
}

gboolean guest_options_append(const GuestOrigin *origin, GByteArray *out, GuestBlock block,
			      const guint8 *options, gsize size, guint32 *ret_seen)
{
	const OptionForm *forms = forms_of[block];

	*ret_seen = 0;
	while (size > 0) {
		const OptionForm *form;
		guint16 code, length;
		gsize padded;

		if (size < OPTION_HEAD)
			return FALSE;
		code = guest_half(origin, options);
		length = guest_half(origin, options + 2);
		padded = OPTION_HEAD + (((gsize)length + 3) & ~(gsize)3);
		if (code == OPT_ENDOFOPT)
			break;
		if (padded > size)
			return FALSE;
		form = find_form(forms, code);
		if (form && form->width && form->width != length)
			return FALSE;
		if (form && !(*ret_seen >> code & 1)) {
			*ret_seen |= 1U << code;
			if (form->kind == VALUE_TEXT)
				append_text(origin, out, forms, form, options + OPTION_HEAD,
					    length);
			else if (form->kind != VALUE_FILTER ||
				 (length > 1 && options[OPTION_HEAD] == 0 && length <= TEXT_MAX))
				append_value(origin, out, form, options + OPTION_HEAD, length);
		}
		options += padded;
		size -= padded;
	}
	return TRUE;
}
