// SPDX-License-Identifier: GPL-2.0-or-later
#include "option.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

#ifndef XDPSHARK_VERDICT_DEFAULT
#define XDPSHARK_VERDICT_DEFAULT OPTION_VERDICT_OFF
#endif

/* tcpdump's limit, and Wireshark's. */
#define SNAPLEN_MAX 262144

/* A ring must hold the largest record with room to spare. Before 6.5, an element of a kernel's
 * array is limited to 4 MiB, and so is each of a ring's 64 segments. */
#define RING_SIZE_MIN	  ((gsize)256 * 1024)
#define RING_SIZE_MAX	  ((gsize)256 * 1024 * 1024)
/* The default suits a CPU's cache and takes a burst (docs/architecture.md); all rings together take
 * at most a 64th of the memory. */
#define RING_SIZE_DEFAULT ((guint64)16 * 1024 * 1024)
#define MEMORY_SHARE	  64

typedef enum {
	TYPE_INTEGER,
	TYPE_SIZE,     /* millions of bytes, or with k, m or g KiB, MiB or GiB */
	TYPE_FRACTION, /* N, may also be written 1/N */
	TYPE_DOUBLE,
	TYPE_CHOICE,   /* one of the row's choices */
	TYPE_VERDICTS, /* names of the source's verdicts */
	TYPE_SAVE_FILE,
	TYPE_STRING,
	TYPE_FLAG,
} Type;

typedef struct {
	const char *name; /* as typed */
	const char *display;
	gint64 value;
} Choice;

static const Choice comments_choices[] = {
	{ "short", "short", OPTION_COMMENTS_SHORT },
	{ "full", "full, each by itself", OPTION_COMMENTS_FULL },
	{ "off", "none", OPTION_COMMENTS_OFF },
	{ NULL, NULL, 0 },
};

static const Choice at_choices[] = {
	{ "both", "entry and exit", SOURCE_AT_BOTH },
	{ "entry", "entry", SOURCE_AT_ENTRY },
	{ "exit", "exit", SOURCE_AT_EXIT },
	{ 0 },
};

static const Choice verdict_choices[] = {
	{ "on", "write", OPTION_VERDICT_ON },
	{ "off", "do not write", OPTION_VERDICT_OFF },
	{ NULL, NULL, 0 },
};

static const Choice color_choices[] = {
	{ "auto", "on a terminal", OPTION_COLOR_AUTO },
	{ "always", "always", OPTION_COLOR_ALWAYS },
	{ "never", "never", OPTION_COLOR_NEVER },
	{ NULL, NULL, 0 },
};

static const Choice level_choices[] = {
	{ "warning", "warnings", G_LOG_LEVEL_WARNING },
	{ "message", "messages", G_LOG_LEVEL_MESSAGE },
	{ "info", "information", G_LOG_LEVEL_INFO },
	{ "debug", "everything", G_LOG_LEVEL_DEBUG },
	{ NULL, NULL, 0 },
};

typedef struct {
	const char *name;
	char letter;
	Type type;
	gsize offset;	      /* in OptionValues */
	gboolean extcap;      /* also in Wireshark's dialog */
	guint group;	      /* SourceOptions: only for source types that have it */
	const char *argument; /* in --help */
	const char *display;  /* in the dialog */
	const char *help;
	gint64 minimum;
	gint64 maximum;
	gint64 initial;
	const Choice *choices;
} OptionRow;

#define AT(MEMBER) G_STRUCT_OFFSET(OptionValues, MEMBER)

static const OptionRow rows[] = {
	{ "snaplen", 's', TYPE_INTEGER, AT(snaplen), TRUE, 0, "BYTES", "Snapshot length",
	  "Keep this many bytes of each packet (0: all of them)", 0, SNAPLEN_MAX, 0, NULL },
	{ "actions", 'a', TYPE_VERDICTS, AT(verdicts), TRUE, SOURCE_HAS_VERDICTS, "LIST", "Actions",
	  "Only capture packets with these XDP actions, such as drop,tx (none given: all)", 0, 0, 0,
	  NULL },
	{ "at", 0, TYPE_CHOICE, AT(at), TRUE, SOURCE_HAS_SIGHTINGS, "entry|exit|both", "Packets at",
	  "Filter and capture packets as the program gets them, as it leaves them, or filter as it "
	  "gets them and capture both",
	  0, 0, SOURCE_AT_BOTH, at_choices },
	{ "buffer", 'B', TYPE_INTEGER, AT(buffer), TRUE, 0, "MIB", "Buffer (MiB)",
	  "Memory for all rings together, in MiB (0: depends on memory and CPUs)", 0, 65536, 0,
	  NULL },
	{ "sample", 0, TYPE_FRACTION, AT(sample), TRUE, 0, "1/N", "Sample one of N packets",
	  "Capture one of N matching packets, chosen at random in the kernel (0: all)", 0,
	  1000000000, 0, NULL },
	{ "rate", 0, TYPE_INTEGER, AT(rate), TRUE, 0, "PPS", "Packets per second and CPU",
	  "Capture at most this many packets per second on each CPU (0: no limit)", 0, 1000000000,
	  0, NULL },
	{ "count", 'c', TYPE_INTEGER, AT(count), TRUE, 0, "PACKETS", "Stop after packets",
	  "Stop after this many packets (0: no limit)", 0, G_MAXINT64, 0, NULL },
	{ "duration", 0, TYPE_DOUBLE, AT(duration), TRUE, 0, "SECONDS", "Stop after seconds",
	  "Stop after this time in seconds (0: no limit)", 0, 0, 0, NULL },
	{ "share-foreign", 0, TYPE_FLAG, AT(share_foreign), TRUE, SOURCE_HAS_SHARE_FOREIGN, NULL,
	  "Share slots with others",
	  "Go before programs in the hook's slots that are not xdpshark's (which still get "
	  "the packets)",
	  0, 0, 0, NULL },
	{ "unproven", 0, TYPE_FLAG, AT(unproven), TRUE, SOURCE_HAS_UNPROVEN, NULL,
	  "Even if it may not be a hook",
	  "As root, also capture where it is not proven that programs use the array as a hook: "
	  "if it is a jump table, this changes what happens to packets",
	  0, 0, 0, NULL },
	{ "follow", 0, TYPE_FLAG, AT(follow), TRUE, SOURCE_HAS_FOLLOW, NULL,
	  "Follow the hook's pin",
	  "Move on to the new hook when a new version of the program pins another one there", 0, 0,
	  0, NULL },
	{ "verdict", 0, TYPE_CHOICE, AT(verdict), TRUE, 0, "on|off", "Verdict option",
	  "Write the action as epb_verdict too (Wireshark 4.0 corrupts such files when it saves "
	  "them again)",
	  0, 0, XDPSHARK_VERDICT_DEFAULT, verdict_choices },
	{ "comments", 0, TYPE_CHOICE, AT(comments), TRUE, 0, "full|short|off", "Packet comments",
	  "What to put into each packet's comment: only what differs between the packets of its "
	  "interface, everything, or nothing (with --verdict on)",
	  0, 0, OPTION_COMMENTS_SHORT, comments_choices },
	{ "log-file", 0, TYPE_SAVE_FILE, AT(log_file), TRUE, 0, "FILE", "Log file",
	  "Append log messages to this file", 0, 0, 0, NULL },
	{ "log-level", 0, TYPE_CHOICE, AT(log_level), TRUE, 0, "warning|message|info|debug",
	  "Log level", "Minimum level to log", 0, 0, G_LOG_LEVEL_INFO, level_choices },
	{ "write", 'w', TYPE_SAVE_FILE, AT(write), FALSE, 0, "FILE", NULL,
	  "Write the packets to this file (-: standard output)", 0, 0, 0, NULL },
	{ "print", 0, TYPE_FLAG, AT(print), FALSE, 0, NULL, NULL,
	  "Print packets on standard output, also while they are written to a file", 0, 0, 0,
	  NULL },
	{ "color", 0, TYPE_CHOICE, AT(color), FALSE, 0, "auto|always|never", NULL,
	  "Colour the actions of packets that are printed (auto: on a terminal, unless NO_COLOR is "
	  "set)",
	  0, 0, OPTION_COLOR_AUTO, color_choices },
	{ "pcap", 0, TYPE_FLAG, AT(pcap), FALSE, 0, NULL, NULL,
	  "Write pcap, without actions, hooks, programs and queues (as for a FILE.pcap)", 0, 0, 0,
	  NULL },
	{ "file-size", 'C', TYPE_SIZE, AT(file_size), FALSE, 0, "SIZE", NULL,
	  "Go on in another file when one has SIZE million bytes (with k, m or g: KiB, MiB, GiB); "
	  "numbers are added to the name",
	  1, G_MAXINT32, 0, NULL },
	{ "file-seconds", 'G', TYPE_INTEGER, AT(file_seconds), FALSE, 0, "SECONDS", NULL,
	  "Go on in another file after this time; the name is one for strftime(3), such as "
	  "drops-%H%M%S.pcapng",
	  1, G_MAXINT32, 0, NULL },
	{ "file-count", 'W', TYPE_INTEGER, AT(file_count), FALSE, 0, "FILES", NULL,
	  "With -C, overwrite the oldest of so many files; with -G alone, stop after so many", 1,
	  G_MAXINT32, 0, NULL },
	{ "keep-ssh", 0, TYPE_FLAG, AT(keep_ssh), FALSE, 0, NULL, NULL,
	  "Also capture the ssh connection that this runs in, which is otherwise left out", 0, 0, 0,
	  NULL },
	{ "relinquish-privileges", 'Z', TYPE_STRING, AT(user), FALSE, 0, "USER", NULL,
	  "As root, read packets as this user, who needs no rights (default: tcpdump or nobody; "
	  "root: stay root, without capabilities)",
	  0, 0, 0, NULL },
	{ "quiet", 'q', TYPE_FLAG, AT(quiet), FALSE, 0, NULL, NULL,
	  "Only print on standard error what goes wrong", 0, 0, 0, NULL },
	{ "verbose", 'v', TYPE_FLAG, AT(verbose), FALSE, 0, NULL, NULL,
	  "Print on standard error what is captured, and counts at the end", 0, 0, 0, NULL },
	{ "json", 0, TYPE_FLAG, AT(json), FALSE, 0, NULL, NULL,
	  "Print that as JSON: one object per line, each second, at the end, and for each message",
	  0, 0, 0, NULL },
};

static gint64 *integer_at(OptionValues *values, const OptionRow *row)
{
	return (gint64 *)G_STRUCT_MEMBER_P(values, row->offset);
}

void option_defaults(OptionValues *ret_values)
{
	memset(ret_values, 0, sizeof(*ret_values));
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].type == TYPE_CHOICE)
			*integer_at(ret_values, &rows[i]) = rows[i].initial;
}

/* Several files. */
static gboolean check_files(const OptionValues *values, GError **error)
{
	const char *option = values->file_size ? "-C" : values->file_seconds ? "-G" : "-W";

	if (!values->file_size && !values->file_seconds && !values->file_count)
		return TRUE;
	if (!values->write || strcmp(values->write, "-") == 0)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "%s is for several files: name them (-w FILE)", option);
	else if (!values->file_size && !values->file_seconds)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "-W says how many files there are: say when another one begins (-C "
			    "SIZE or -G SECONDS)");
	else
		return TRUE;
	return FALSE;
}

/* What is printed is read from the pcapng that is written. */
static gboolean check_print(const OptionValues *values, GError **error)
{
	if (!values->print)
		return TRUE;
	if (values->write && strcmp(values->write, "-") == 0)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "--print prints where -w - writes: name a file (-w FILE)");
	else if (option_wants_pcap(values))
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "--print needs actions, which pcap has no place for: write pcapng");
	else
		return TRUE;
	return FALSE;
}

gboolean option_check(const OptionValues *values, GError **error)
{
	if (!check_files(values, error) || !check_print(values, error))
		return FALSE;
	if (values->quiet && (values->verbose || values->json)) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "--quiet does not go with %s", values->json ? "--json" : "--verbose");
		return FALSE;
	}
	if (values->comments != OPTION_COMMENTS_OFF || values->verdict == OPTION_VERDICT_ON)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--comments off goes with --verdict on: else the file does not say what XDP "
		    "did to a packet");
	return FALSE;
}

static gboolean set_verdict_error(GError **error, const SourceType *type, const char *name)
{
	g_autofree char *names = source_verdict_names(type);

	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--actions: '%s' is none of %s", name, names);
	return FALSE;
}

static gboolean set_source_error(GError **error, const OptionRow *row, const SourceType *type)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s is not for a %s",
		    row->name, type->title);
	return FALSE;
}

static gboolean is_given(const OptionValues *values, const OptionRow *row)
{
	return row->type == TYPE_FLAG || row->type == TYPE_CHOICE
		       ? *(const gint64 *)G_STRUCT_MEMBER_P(values, row->offset) != row->initial
		       : *(char *const *)G_STRUCT_MEMBER_P(values, row->offset) != NULL;
}

gboolean option_check_source(const OptionValues *values, const SourceType *type,
			     guint32 *ret_verdicts, GError **error)
{
	g_auto(GStrv) names = g_strsplit(values->verdicts ? values->verdicts : "", ",", -1);

	*ret_verdicts = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].group & ~type->options && is_given(values, &rows[i]))
			return set_source_error(error, &rows[i], type);
	for (char **name = names; *name; name++) {
		guint bit = source_verdict_bit(type, *name);

		if (!bit)
			return set_verdict_error(error, type, *name);
		*ret_verdicts |= bit;
	}
	return TRUE;
}

void option_clear(OptionValues *values)
{
	g_clear_pointer(&values->verdicts, g_free);
	g_clear_pointer(&values->log_file, g_free);
	g_clear_pointer(&values->write, g_free);
	g_clear_pointer(&values->user, g_free);
}

static const Choice *find_choice(const Choice *choices, const char *text)
{
	for (; choices->name; choices++)
		if (g_ascii_strcasecmp(choices->name, text) == 0)
			return choices;
	return NULL;
}

static gboolean parse_choice(const OptionRow *row, const char *text, gint64 *ret_value,
			     GError **error)
{
	const Choice *choice = find_choice(row->choices, text);

	if (choice) {
		*ret_value = choice->value;
		return TRUE;
	}
	g_autoptr(GString) names = g_string_new(NULL);

	for (choice = row->choices; choice->name; choice++)
		g_string_append_printf(names, "%s%s", names->len ? ", " : "", choice->name);
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s: '%s' is none of %s",
		    row->name, text, names->str);
	return FALSE;
}

/* The point is not known yet, on which the verdict's number depends. */
static gboolean is_verdict(const char *name)
{
	for (const SourceType *const *type = source_types; *type; type++)
		if (source_verdict_bit(*type, name))
			return TRUE;
	return FALSE;
}

static gboolean parse_verdicts(const char *text, char **list, GError **error)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);

	/* The option may be given several times. */
	for (guint i = 0; words[i]; i++) {
		g_autofree char *before = *list;

		if (!*g_strstrip(words[i])) {
			g_steal_pointer(&before);
			continue;
		}
		*list = g_strconcat(before ? before : "", before ? "," : "", words[i], NULL);
		if (!is_verdict(words[i]))
			return set_verdict_error(error, source_types[0], words[i]);
	}
	return TRUE;
}

static gboolean parse_integer(const OptionRow *row, const char *text, gint64 *ret_value,
			      GError **error)
{
	if (g_ascii_string_to_signed(text, 10, row->minimum, row->maximum, ret_value, NULL))
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--%s: '%s' is not a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
		    row->name, text, row->minimum, row->maximum);
	return FALSE;
}

static gboolean parse_size(const OptionRow *row, const char *text, gint64 *ret_value,
			   GError **error)
{
	static const struct {
		char letter;
		gint64 bytes;
	} units[] = { { '\0', 1000000 }, { 'k', 1 << 10 }, { 'm', 1 << 20 }, { 'g', 1 << 30 } };
	char *end = NULL;
	guint64 number = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;

	for (gsize i = 0; end && i < G_N_ELEMENTS(units); i++)
		if (g_ascii_tolower(*end) == units[i].letter && (!*end || !end[1]) &&
		    number >= (guint64)row->minimum && number <= (guint64)row->maximum) {
			*ret_value = (gint64)number * units[i].bytes;
			return TRUE;
		}
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--%s: '%s' is not a number of millions of bytes, nor one with k, m or g (KiB, "
		    "MiB, GiB)",
		    row->name, text);
	return FALSE;
}

static gboolean parse_double(const OptionRow *row, const char *text, gdouble *ret_value,
			     GError **error)
{
	char *end;
	gdouble number = g_ascii_strtod(text, &end);

	if (end != text && *end == '\0' && number >= 0 && number <= OPTION_DURATION_MAX) {
		*ret_value = number;
		return TRUE;
	}
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--%s: '%s' is not a number of seconds from 0 to %.0f", row->name, text,
		    OPTION_DURATION_MAX);
	return FALSE;
}

/* Wireshark passes an empty name if the user chose none. On the command line, an empty name is an
 * unset variable rather than a wish for standard output. */
static gboolean parse_file(const OptionRow *row, const char *text, char **ret_name, GError **error)
{
	if (!*text && !row->extcap) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "--%s: the name of the file is empty (-: standard output)", row->name);
		return FALSE;
	}
	g_free(*ret_name);
	*ret_name = *text ? g_strdup(text) : NULL;
	return TRUE;
}

static const OptionRow *find_row(const char *typed)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const OptionRow *row = &rows[i];

		if (typed[0] == '-' && typed[1] == '-' ? strcmp(typed + 2, row->name) == 0
						       : row->letter && typed[1] == row->letter)
			return row;
	}
	return NULL;
}

gboolean option_wants_pcap(const OptionValues *values)
{
	g_autofree char *name = values->write ? g_ascii_strdown(values->write, -1) : NULL;

	return values->pcap || (name && g_str_has_suffix(name, ".pcap"));
}

gboolean option_takes_value(const char *typed)
{
	const OptionRow *row = find_row(typed);

	return row && row->type != TYPE_FLAG;
}

/* The GOptionArgFunc of all options in the table. */
static gboolean parse(const char *typed, const char *text, gpointer data, GError **error)
{
	OptionValues *values = data;
	const OptionRow *row = find_row(typed);
	gint64 *integer = integer_at(values, row);
	char **string = (char **)G_STRUCT_MEMBER_P(values, row->offset);

	switch (row->type) {
	case TYPE_FRACTION:
		text += g_str_has_prefix(text, "1/") ? 2 : 0;
		return parse_integer(row, text, integer, error);
	case TYPE_SIZE:
		return parse_size(row, text, integer, error);
	case TYPE_INTEGER:
		return parse_integer(row, text, integer, error);
	case TYPE_DOUBLE:
		return parse_double(row, text, (gdouble *)G_STRUCT_MEMBER_P(values, row->offset),
				    error);
	case TYPE_CHOICE:
		return parse_choice(row, text, integer, error);
	case TYPE_VERDICTS:
		return parse_verdicts(text, string, error);
	case TYPE_SAVE_FILE:
		return parse_file(row, text, string, error);
	case TYPE_STRING:
		g_free(*string);
		*string = g_strdup(text);
		return TRUE;
	case TYPE_FLAG:
		*integer = 1;
		return TRUE;
	}
	return FALSE;
}

GOptionGroup *option_group(OptionValues *values, gboolean extcap)
{
	GOptionGroup *group = g_option_group_new(
		"capture", "Options of a capture:", "Show options of a capture", values, NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const OptionRow *row = &rows[i];
		const GOptionEntry entries[] = {
			/* File names are bytes, whatever the locale. */
			{ row->name, row->letter,
			  row->type == TYPE_FLAG ? G_OPTION_FLAG_NO_ARG : G_OPTION_FLAG_FILENAME,
			  G_OPTION_ARG_CALLBACK, (gpointer)parse, row->help, row->argument },
			{ 0 },
		};

		if (row->extcap || !extcap)
			g_option_group_add_entries(group, entries);
	}
	return group;
}

static const char *sentence_type(Type type)
{
	static const char *const types[] = {
		[TYPE_INTEGER] = "integer",	 [TYPE_FRACTION] = "integer",
		[TYPE_SIZE] = "integer",	 [TYPE_DOUBLE] = "double",
		[TYPE_CHOICE] = "selector",	 [TYPE_VERDICTS] = "multicheck",
		[TYPE_SAVE_FILE] = "fileselect", [TYPE_STRING] = "string",
		[TYPE_FLAG] = "boolflag",
	};

	return types[type];
}

static gboolean is_number(const OptionRow *row)
{
	return row->type == TYPE_INTEGER || row->type == TYPE_FRACTION || row->type == TYPE_DOUBLE;
}

/* Without a range, the dialog accepts negative numbers and saves them. Its integers have 32
 * bits. */
static gint64 dialog_maximum(const OptionRow *row)
{
	return row->type == TYPE_DOUBLE ? (gint64)OPTION_DURATION_MAX
					: MIN(row->maximum, G_MAXINT32);
}

static void print_argument(guint number, const OptionRow *row)
{
	printf("arg {number=%u}{call=--%s}{display=%s}{tooltip=%s}{type=%s}", number, row->name,
	       row->display, row->help, sentence_type(row->type));
	if (is_number(row))
		printf("{range=%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "}{default=%" G_GINT64_FORMAT
		       "}",
		       row->minimum, dialog_maximum(row), row->initial);
	if (row->type == TYPE_SAVE_FILE)
		printf("{mustexist=false}");
	printf("{group=%s}\n", g_str_has_prefix(row->name, "log-") ? "Log" : "Capture");
}

static void print_choices(guint number, const OptionRow *row)
{
	for (const Choice *choice = row->choices; choice && choice->name; choice++)
		printf("value {arg=%u}{value=%s}{display=%s}{default=%s}\n", number, choice->name,
		       choice->display, choice->value == row->initial ? "true" : "false");
}

static void print_verdicts(guint number, const SourceType *type)
{
	for (guint i = 0; i < type->verdict_count; i++) {
		const SourceVerdict *verdict = &type->verdicts[i];
		g_autofree char *value = g_ascii_strdown(verdict->name, -1);

		printf("value {arg=%u}{value=%s}{display=%s: %s}{default=true}\n", number, value,
		       verdict->name, verdict->meaning);
	}
}

/* Numbers count what is printed for the type. */
void option_print_config(const SourceType *type, const char *reload)
{
	guint number = 0;

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (!rows[i].extcap || rows[i].group & ~type->options)
			continue;
		if (!reload)
			print_argument(number, &rows[i]);
		if (reload && strcmp(reload, rows[i].name) != 0)
			;
		else if (rows[i].type == TYPE_VERDICTS)
			print_verdicts(number, type);
		else
			print_choices(number, &rows[i]);
		number++;
	}
}

gsize option_ring_size(const OptionValues *values, guint cpus, guint points)
{
	guint64 pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	guint64 rings = MAX(1, (guint64)cpus * points);
	guint64 each = MIN(RING_SIZE_DEFAULT, pages * page / MEMORY_SHARE / rings);
	gsize size = RING_SIZE_MIN;

	if (values->buffer > 0)
		each = (guint64)values->buffer * 1024 * 1024 / rings;
	while ((guint64)size * 2 <= each && size < RING_SIZE_MAX)
		size *= 2;
	return size;
}
