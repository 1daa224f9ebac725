/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parsed_comment.h"

#include "comment_word.h"
#include "xdp_action.h"

#include <string.h>

static const char comment_tag[] = "xdp";

static bool action_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;
	g_autofree char *value = comment_value_decode(text, length);

	comment->action_known = value && strlen(value) <= length_max &&
				xdp_action_find(value, strlen(value), true, &comment->action);
	return comment->action_known;
}

/* A word of a fixed set, and what it stands for. */
typedef struct {
	const char *word;
	unsigned value;
} Word;

static const Word points[] = {
	{ "entry", SEEN_AT_ENTRY }, { "exit", SEEN_AT_EXIT }, { "xsk", SEEN_AT_XSK }, { NULL, 0 }
};
/* One more than the number, as 0 stands for none. */
static const Word sent_ends[] = { { "OK", SENT_OK + 1 },
				  { "DROP", SENT_DROP + 1 },
				  { "BUSY", SENT_BUSY + 1 },
				  { "ERROR", SENT_ERROR + 1 },
				  { NULL, 0 } };
static const Word parts[] = { { "linear", true }, { NULL, 0 } };
static const Word changes[] = {
	{ "bytes", CHANGED_BYTES }, { "head", CHANGED_HEAD }, { "tail", CHANGED_TAIL }, { NULL, 0 }
};
static const Word map_types[] = {
	{ "devmap", MAP_DEVMAP }, { "cpumap", MAP_CPUMAP }, { "xskmap", MAP_XSKMAP }, { NULL, 0 }
};

/* What text stands for, or 0 if it is none of the words. */
static unsigned word_find(const Word *words, const char *text)
{
	while (words->word && (!text || strcmp(words->word, text) != 0))
		words++;
	return words->value;
}

static bool point_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;
	g_autofree char *value = length <= length_max ? comment_value_decode(text, length) : NULL;

	comment->point = (SeenAt)word_find(points, value);
	return comment->point != SEEN_AT_HOOK;
}

static bool sent_read(void *field, const char *text, size_t length, size_t length_max)
{
	CommentNumber *sent = field;
	g_autofree char *value = length <= length_max ? comment_value_decode(text, length) : NULL;
	unsigned found = word_find(sent_ends, value);

	*sent = (CommentNumber){ .known = found != 0, .value = found - 1 };
	return sent->known;
}

static bool part_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;
	g_autofree char *value = length <= length_max ? comment_value_decode(text, length) : NULL;

	comment->linear = word_find(parts, value);
	return comment->linear;
}

/* Returns the value decoded and parted at each mark, at most into most pieces; or NULL. */
static GStrv list_read(const char *text, size_t length, size_t length_max, const char *mark,
		       int most)
{
	g_autofree char *value = comment_value_decode(text, length);

	return value && strlen(value) <= length_max ? g_strsplit(value, mark, most) : NULL;
}

static bool changed_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;
	g_auto(GStrv) list = list_read(text, length, length_max, ",", 0);

	for (size_t i = 0; list && list[i]; i++) {
		unsigned change = word_find(changes, list[i]);

		if (!change || comment->changed & change)
			return false;
		comment->changed |= change;
	}
	return comment->changed != 0;
}

/* if:NAME, or the kind of a map, its id and the key. */
static bool redirect_read(void *field, const char *text, size_t length, size_t length_max)
{
	const size_t name_max = 128, digits_max = 10;
	CommentRedirect *redirect = field;
	g_auto(GStrv) list = list_read(text, length, length_max, ":", 2);
	g_auto(GStrv) element = NULL;
	uint64_t id, key;

	if (!list || !list[0] || !list[1])
		return false;
	if (strcmp(list[0], "if") == 0) {
		if (*list[1] == '\0' || strlen(list[1]) > name_max)
			return false;
		redirect->interface = g_utf8_make_valid(list[1], -1);
		return true;
	}
	redirect->map_type = word_find(map_types, list[0]);
	element = g_strsplit(list[1], ":", 2);
	if (!redirect->map_type || !element[0] || !element[1] ||
	    !comment_digits_read(element[0], strlen(element[0]), digits_max, UINT32_MAX, &id) ||
	    !comment_digits_read(element[1], strlen(element[1]), digits_max, UINT32_MAX, &key))
		return false;
	redirect->map_id = (uint32_t)id;
	redirect->key = (uint32_t)key;
	return true;
}

static bool program_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;

	return comment_named_read(&comment->program, &comment->program_id, text, length,
				  length_max);
}

static bool process_read(void *field, const char *text, size_t length, size_t length_max)
{
	ParsedComment *comment = field;

	return comment_named_read(&comment->process, &comment->process_id, text, length,
				  length_max);
}

/* The keys. Maximum lengths are PATH_MAX for the hook, the kernel's KSYM_NAME_LEN for the program,
 * ALTIFNAMSIZ for the interface, NAME_MAX for the namespace, and the digits of a number. */
static const CommentKey comment_keys[] = {
	{ "action", action_read, 0, 16 },
	{ "hook", comment_text_read, offsetof(ParsedComment, hook), 4096 },
	{ "prog", program_read, 0, 512 },
	{ "if", comment_text_read, offsetof(ParsedComment, interface), 128 },
	{ "netns", comment_text_read, offsetof(ParsedComment, namespace), 255 },
	{ "host", comment_text_read, offsetof(ParsedComment, host), 255 },
	{ "queue", comment_number_read, offsetof(ParsedComment, queue), 10 },
	{ "cpu", comment_number_read, offsetof(ParsedComment, cpu), 10 },
	{ "at", point_read, 0, 16 },
	{ "ns", comment_long_read, offsetof(ParsedComment, latency), 20 },
	{ "changed", changed_read, 0, 64 },
	{ "redirect", redirect_read, offsetof(ParsedComment, redirect), 131 },
	{ "part", part_read, 0, 16 },
	{ "socket", comment_long_read, offsetof(ParsedComment, socket), 20 },
	{ "process", process_read, 0, 64 },
	{ "sent", sent_read, offsetof(ParsedComment, sent), 16 },
	{ "frame", comment_hexadecimal_read, offsetof(ParsedComment, frame), 10 },
};

static ParsedComment *words_parse(const char *text, size_t length)
{
	g_autoptr(ParsedComment) comment = g_new0(ParsedComment, 1);

	return comment_words_read(comment_tag, comment_keys, G_N_ELEMENTS(comment_keys), comment,
				  text, length)
		       ? g_steal_pointer(&comment)
		       : NULL;
}

ParsedComment *parsed_comment_new(const char *text, size_t length)
{
	g_autoptr(ParsedComment) comment = words_parse(text, length);

	return comment && (comment->action_known || comment->point) ? g_steal_pointer(&comment)
								    : NULL;
}

ParsedComment *parsed_comment_new_interface(const char *text, size_t length)
{
	g_autoptr(ParsedComment) comment = words_parse(text, length);

	return comment && !comment->action_known && (comment->hook || comment->point)
		       ? g_steal_pointer(&comment)
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
	g_free(comment->host);
	g_free(comment->redirect.interface);
	g_free(comment->process);
	g_free(comment);
}
