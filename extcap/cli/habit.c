// SPDX-License-Identifier: GPL-2.0-or-later
#include "habit.h"

#include <string.h>

#include "option.h"

typedef enum {
	IS_SO,	     /* it is always so, and needs no option; with `accepted`, only that value */
	IS_OURS,     /* we have it under another name, `text` */
	ACTIONS,     /* actions, or one of the conditions */
	INTERFACE,   /* its value names a hook */
	FILTER,	     /* its value is a filter */
	FILTER_FILE, /* its value names a file that holds one */
	LIST,
	PRINTING,  /* how packets are printed: by us on a terminal, else by the reader */
	NAMES,	   /* the same, and it is so where nothing is printed */
	READER,	   /* how packets are printed, which only the reader can do */
	ELSEWHERE, /* `text` says what to use instead */
} Meaning;

typedef struct {
	char letter; /* 0: none */
	const char *name;
	gboolean valued;
	Meaning meaning;
	const char *text;
	const char *accepted;
} Habit;

#define ROTATION                                                                                   \
	"-C SIZE, -G SECONDS and -W FILES make several files, as in tcpdump; with dumpcap's "      \
	"names so does a pipe: | dumpcap -i - -w FILE -b filesize:KB (or duration:SECONDS, "       \
	"files:N)"
#define STOPPING "dumpcap can do that: | dumpcap -i - -w FILE -a "
#define DISPLAY_FILTER                                                                             \
	"display filters are for the reader: tshark -i xdp:HOOK -Y FILTER, or | tshark -r - -Y "   \
	"FILTER"
#define TIMES "times are the kernel's, in nanoseconds, of when XDP ran"
#define CODE  "'xdpshark filter FILTER' shows what a filter compiles to"

/* Options of tcpdump(8), dumpcap(1) and tshark(1) that are different here. */
static const Habit habits[] = {
	{ 'i', "interface", TRUE, INTERFACE, NULL, NULL },
	{ 'f', NULL, TRUE, FILTER, NULL, NULL },
	{ 'F', NULL, TRUE, FILTER_FILE, NULL, NULL },
	{ 'D', "list-interfaces", FALSE, LIST, NULL, NULL },
	/* No names are looked up, each packet is written as it comes, and no device is made
	 * promiscuous. */
	{ 'n', NULL, FALSE, NAMES, NULL, NULL },
	{ 'l', NULL, FALSE, IS_SO, NULL, NULL },
	{ 'U', "packet-buffered", FALSE, IS_SO, NULL, NULL },
	{ 0, "immediate-mode", FALSE, IS_SO, NULL, NULL },
	{ 'p', "no-promiscuous-mode", FALSE, IS_SO, NULL, NULL },
	{ 'k', NULL, FALSE, IS_SO, NULL, NULL },
	{ 'y', "linktype", TRUE, IS_SO, "XDP hooks have Ethernet frames (EN10MB)", "EN10MB" },
	{ 'Q', "direction", TRUE, IS_SO, "XDP sees what is received (in), and nothing else", "in" },
	{ 0, "time-stamp-precision", TRUE, IS_SO, TIMES, "nano" },
	{ 0, "snapshot-length", TRUE, IS_OURS, "--snaplen", NULL },
	{ 0, "buffer-size", TRUE, IS_OURS, "--buffer", NULL },
	{ 'a', "autostop", TRUE, ACTIONS, NULL, NULL },
	{ 'A', NULL, FALSE, PRINTING, NULL, NULL },
	{ 'e', NULL, FALSE, PRINTING, NULL, NULL },
	{ 'K', NULL, FALSE, READER, NULL, NULL },
	{ 'N', NULL, FALSE, READER, NULL, NULL },
	{ 'O', NULL, FALSE, READER, NULL, NULL },
	/* tshark and dumpcap, where it is pcap. */
	{ 'P', NULL, FALSE, ELSEWHERE,
	  "pcapng is written; --pcap, or a name that ends in .pcap, "
	  "makes it pcap",
	  NULL },
	{ 'S', NULL, FALSE, PRINTING, NULL, NULL },
	{ 't', NULL, FALSE, PRINTING, NULL, NULL },
	{ 'u', NULL, FALSE, READER, NULL, NULL },
	{ 'x', NULL, FALSE, PRINTING, NULL, NULL },
	{ 'X', NULL, FALSE, PRINTING, NULL, NULL },
	{ 'V', NULL, FALSE, PRINTING, NULL, NULL },
	{ '#', "number", FALSE, PRINTING, NULL, NULL },
	{ 'E', NULL, TRUE, READER, NULL, NULL },
	{ 'M', NULL, TRUE, READER, NULL, NULL },
	{ 'm', NULL, TRUE, READER, NULL, NULL },
	{ 'o', NULL, TRUE, PRINTING, NULL, NULL },
	{ 'T', NULL, TRUE, READER, NULL, NULL },
	{ 'z', NULL, TRUE, READER, NULL, NULL },
	{ 'b', "ring-buffer", TRUE, ELSEWHERE, ROTATION, NULL },
	{ 'd', NULL, FALSE, ELSEWHERE, CODE, NULL },
	{ 'g', NULL, FALSE, ELSEWHERE, "a new file is its owner's only; chmod g+r opens it", NULL },
	{ 'I', "monitor-mode", FALSE, ELSEWHERE, "there is no monitor mode at XDP", NULL },
	{ 'j', "time-stamp-type", TRUE, ELSEWHERE, TIMES, NULL },
	{ 'J', "list-time-stamp-types", FALSE, ELSEWHERE, TIMES, NULL },
	{ 'L', "list-data-link-types", FALSE, ELSEWHERE, "XDP hooks have Ethernet frames (EN10MB)",
	  NULL },
	{ 'r', "read-file", TRUE, ELSEWHERE,
	  "tshark -r reads files; 'xdpshark filter --match FILE FILTER' tries a filter on one",
	  NULL },
	{ 'R', NULL, TRUE, ELSEWHERE, DISPLAY_FILTER, NULL },
	{ 'Y', NULL, TRUE, ELSEWHERE, DISPLAY_FILTER, NULL },
	{ 0, "capture-comment", TRUE, ELSEWHERE, "editcap --capture-comment adds one", NULL },
	{ 0, "version", FALSE, ELSEWHERE, "use 'xdpshark --version'", NULL },
};

/* dumpcap's stop conditions, which share a letter with the actions. */
static const struct {
	const char *prefix;
	const char *ours; /* NULL: dumpcap does it */
} conditions[] = {
	{ "duration:", "--duration" },
	{ "packets:", "--count" },
	{ "filesize:", NULL },
	{ "files:", NULL },
};

typedef struct {
	Habits *habits;
	GPtrArray *words;
	GString *printing;  /* options for the reader */
	GString *unprinted; /* those of them that are not for us */
	GString *style;
} Typed;

static void add_word(const Typed *typed, const char *word)
{
	g_ptr_array_add(typed->words, g_strdup(word));
}

static void add_option(const Typed *typed, const char *name, const char *value)
{
	add_word(typed, name);
	if (value)
		add_word(typed, value);
}

static void add_typed(GString *text, const char *typed_as, const char *value)
{
	g_string_append_printf(text, " %s%s%s", typed_as, value ? " " : "", value ? value : "");
}

/* tshark knows it by the same letter. */
static void add_handed(const Typed *typed, const char *typed_as, const char *value)
{
	g_ptr_array_add(typed->habits->handed, g_strdup(typed_as));
	g_ptr_array_add(typed->habits->handed, g_strdup(value));
}

/* -a or --autostop with its value. */
static gboolean take_actions(const Typed *typed, const char *value, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++) {
		if (!g_str_has_prefix(value, conditions[i].prefix))
			continue;
		if (conditions[i].ours) {
			add_option(typed, conditions[i].ours, value + strlen(conditions[i].prefix));
			return TRUE;
		}
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "-a %s: " STOPPING "%s",
			    value, value);
		return FALSE;
	}
	add_option(typed, "--actions", value);
	return TRUE;
}

/* typed_as: "-X" or "--name". */
static gboolean take_habit(const Typed *typed, const Habit *habit, const char *typed_as,
			   const char *value, GError **error)
{
	switch (habit->meaning) {
	case IS_SO:
		if (!habit->accepted || g_ascii_strcasecmp(habit->accepted, value) == 0)
			return TRUE;
		break;
	case IS_OURS:
		add_option(typed, habit->text, value);
		return TRUE;
	case ACTIONS:
		return take_actions(typed, value, error);
	case INTERFACE:
		g_ptr_array_add(typed->habits->interfaces, g_strdup(value));
		return TRUE;
	case FILTER:
		g_free(typed->habits->filter);
		typed->habits->filter = g_strdup(value);
		return TRUE;
	case FILTER_FILE:
		g_free(typed->habits->filter_file);
		typed->habits->filter_file = g_strdup(value);
		return TRUE;
	case LIST:
		typed->habits->list = TRUE;
		return TRUE;
	case PRINTING:
		add_typed(typed->printing, typed_as, value);
		/* fallthrough */
	case NAMES:
		if (value)
			add_handed(typed, typed_as, value);
		else
			g_string_append_c(typed->style, habit->letter);
		return TRUE;
	case READER:
		add_typed(typed->printing, typed_as, value);
		add_typed(typed->unprinted, typed_as, value);
		return TRUE;
	case ELSEWHERE:
		break;
	}
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s%s%s: %s", typed_as,
		    value ? " " : "", value ? value : "", habit->text);
	return FALSE;
}

static const Habit *find_letter(char letter)
{
	for (gsize i = 0; i < G_N_ELEMENTS(habits); i++)
		if (habits[i].letter == letter)
			return &habits[i];
	return NULL;
}

static const Habit *find_name(const char *name, gsize length)
{
	for (gsize i = 0; i < G_N_ELEMENTS(habits); i++)
		if (habits[i].name && strlen(habits[i].name) == length &&
		    strncmp(habits[i].name, name, length) == 0)
			return &habits[i];
	return NULL;
}

static gboolean fail_without_value(const char *typed_as, GError **error)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "Missing argument for %s",
		    typed_as);
	return FALSE;
}

/* Handles a word such as -ne, -c10 or -Uw. next: the word after it, or NULL; *ret_used is set if
 * that is its value. */
static gboolean take_letters(const Typed *typed, const char *word, const char *next,
			     gboolean *ret_used, GError **error)
{
	for (const char *at = word + 1; *at; at++) {
		const char typed_as[] = { '-', *at, '\0' };
		const Habit *habit = find_letter(*at);
		gboolean valued = habit ? habit->valued : option_takes_value(typed_as);
		const char *value = NULL;

		if (valued) {
			value = at[1] ? at + 1 : next;
			*ret_used = !at[1];
			if (!value)
				return fail_without_value(typed_as, error);
		}
		if (!habit)
			add_option(typed, typed_as, value);
		else if (!take_habit(typed, habit, typed_as, value, error))
			return FALSE;
		if (valued)
			break;
	}
	return TRUE;
}

/* Handles a word such as --interface or --interface=eth0. */
static gboolean take_name(const Typed *typed, const char *word, const char *next,
			  gboolean *ret_used, GError **error)
{
	gsize length = strcspn(word, "=");
	const Habit *habit = find_name(word + 2, length - 2);
	g_autofree char *typed_as = g_strndup(word, length);
	gboolean valued = habit ? habit->valued : option_takes_value(typed_as);
	const char *value = NULL;

	if (valued) {
		value = word[length] ? word + length + 1 : next;
		*ret_used = !word[length];
		if (!value)
			return fail_without_value(typed_as, error);
	}
	if (habit)
		return take_habit(typed, habit, typed_as, value, error);
	add_option(typed, valued ? typed_as : word, value);
	return TRUE;
}

static gboolean take_words(const Typed *typed, int argc, char **argv, GError **error)
{
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
		gboolean used = FALSE, done = TRUE;

		if (strcmp(word, "--") == 0) {
			for (; i < argc; i++)
				add_word(typed, argv[i]);
			break;
		}
		if (i == 0 || word[0] != '-' || word[1] == '\0')
			add_word(typed, word);
		else if (word[1] == '-')
			done = take_name(typed, word, next, &used, error);
		else
			done = take_letters(typed, word, next, &used, error);
		if (!done)
			return FALSE;
		i += used ? 1 : 0;
	}
	return TRUE;
}

gboolean habit_take(int argc, char **argv, Habits *ret_habits, GError **error)
{
	g_autoptr(GString) printing = g_string_new(NULL), unprinted = g_string_new(NULL);
	Typed typed = { .habits = ret_habits, .printing = printing, .unprinted = unprinted };
	gboolean done;

	memset(ret_habits, 0, sizeof(*ret_habits));
	ret_habits->interfaces = g_ptr_array_new_with_free_func(g_free);
	ret_habits->handed = g_ptr_array_new_with_free_func(g_free);
	typed.style = g_string_new(NULL);
	typed.words = g_ptr_array_new();
	done = take_words(&typed, argc, argv, error);
	g_ptr_array_add(typed.words, NULL);
	ret_habits->words = (GStrv)g_ptr_array_free(typed.words, FALSE);
	if (unprinted->len > 0)
		ret_habits->unprinted = g_strdup_printf(
			"packets are not printed like that here:%s is for a reader of its own "
			"(write to a file, then tcpdump -r FILE%s)",
			unprinted->str, unprinted->str);
	ret_habits->style = g_string_free(typed.style, FALSE);
	if (printing->len > 0)
		ret_habits->remark =
			g_strdup_printf("packets are not printed here:%s is for what prints them "
					"(tcpdump -r FILE%s)",
					printing->str, printing->str);
	return done;
}

void habit_clear(Habits *habits_taken)
{
	g_clear_pointer(&habits_taken->words, g_strfreev);
	g_clear_pointer(&habits_taken->interfaces, g_ptr_array_unref);
	g_clear_pointer(&habits_taken->filter, g_free);
	g_clear_pointer(&habits_taken->filter_file, g_free);
	g_clear_pointer(&habits_taken->remark, g_free);
	g_clear_pointer(&habits_taken->unprinted, g_free);
	g_clear_pointer(&habits_taken->style, g_free);
	g_clear_pointer(&habits_taken->handed, g_ptr_array_unref);
}
