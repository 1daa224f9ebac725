// SPDX-License-Identifier: GPL-2.0-or-later
#include "option.h"

#include <string.h>
#include <unistd.h>

#include "compression.h"
#include "option_row.h"
#include "record.h"

/* A ring must hold the largest record with room to spare. Before 6.5, an element of a kernel's
 * array is limited to 4 MiB, and so is each of a ring's 64 segments. */
#define RING_SIZE_MIN	  ((gsize)256 * 1024)
#define RING_SIZE_MAX	  ((gsize)256 * 1024 * 1024)
/* The default suits a CPU's cache and takes a burst (docs/architecture.md); all rings together take
 * at most a 64th of the memory. */
#define RING_SIZE_DEFAULT ((guint64)16 * 1024 * 1024)
#define MEMORY_SHARE	  64

static gint64 *integer_at(OptionValues *values, const OptionRow *row)
{
	return (gint64 *)G_STRUCT_MEMBER_P(values, row->offset);
}

void option_defaults(OptionValues *ret_values)
{
	memset(ret_values, 0, sizeof(*ret_values));
	for (gsize i = 0; i < OPTION_ROWS; i++)
		if (option_rows[i].type == TYPE_CHOICE)
			*integer_at(ret_values, &option_rows[i]) = option_rows[i].initial;
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
	if (!check_files(values, error) || !check_print(values, error) ||
	    (values->write &&
	     !compression_check(compression_of_name(values->write, NULL), values->write, error)))
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
	g_autofree char *one = source_one(type);
	gboolean hook = type == &source_hook && row->group == SOURCE_HAS_SIGHTINGS;

	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s is not for %s%s",
		    row->name, one,
		    hook ? ", which shows packets as they leave the program: capture "
			   "xdp-prog:DEVICE for that"
			 : "");
	return FALSE;
}

static gboolean is_given(const OptionValues *values, const OptionRow *row)
{
	const char *text;

	if (row->type == TYPE_FLAG || row->type == TYPE_CHOICE)
		return *(const gint64 *)G_STRUCT_MEMBER_P(values, row->offset) != row->initial;
	text = *(char *const *)G_STRUCT_MEMBER_P(values, row->offset);
	return text && *text;
}

gboolean option_check_source(const OptionValues *values, const SourceType *type,
			     guint32 *ret_verdicts, GError **error)
{
	g_auto(GStrv) names = g_strsplit(values->verdicts ? values->verdicts : "", ",", -1);

	*ret_verdicts = 0;
	for (gsize i = 0; i < OPTION_ROWS; i++)
		if (option_rows[i].group & ~(type->options | type->needless) &&
		    is_given(values, &option_rows[i]))
			return set_source_error(error, &option_rows[i], type);
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
	g_clear_pointer(&values->transport, g_free);
	g_clear_pointer(&values->remote_program, g_free);
	g_clear_pointer(&values->ssh_key, g_free);
	g_clear_pointer(&values->ssh_jump, g_free);
	g_clear_pointer(&values->reasons, g_free);
	g_clear_pointer(&values->device, g_free);
	g_clear_pointer(&values->netns, g_free);
	g_clear_pointer(&values->process, g_free);
	g_clear_pointer(&values->mark, g_free);
}

static gboolean parse_number(const char *text, guint32 *ret_number)
{
	gboolean hexadecimal = g_ascii_strncasecmp(text, "0x", 2) == 0;
	guint64 number;

	if (!g_ascii_string_to_unsigned(hexadecimal ? text + 2 : text, hexadecimal ? 16 : 10, 0,
					G_MAXUINT32, &number, NULL))
		return FALSE;
	*ret_number = (guint32)number;
	return TRUE;
}

gboolean option_parse_mark(const char *text, guint32 *ret_value, guint32 *ret_mask)
{
	g_auto(GStrv) parts = g_strsplit(text ? text : "", "/", 2);

	*ret_value = *ret_mask = 0;
	if (!parts[0])
		return TRUE;
	*ret_mask = G_MAXUINT32;
	return parse_number(parts[0], ret_value) && (!parts[1] || parse_number(parts[1], ret_mask));
}

static gboolean check_mark(const OptionRow *row, const char *text, GError **error)
{
	guint32 value, mask;

	if (option_parse_mark(text, &value, &mask))
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--%s: '%s' is not a number of 32 bits (0x1f, 31), nor two of them with / "
		    "between (value and mask)",
		    row->name, text);
	return FALSE;
}

static const OptionChoice *find_choice(const OptionChoice *choices, const char *text)
{
	for (; choices->name; choices++)
		if (g_ascii_strcasecmp(choices->name, text) == 0)
			return choices;
	return NULL;
}

static gboolean parse_choice(const OptionRow *row, const char *text, gint64 *ret_value,
			     GError **error)
{
	const OptionChoice *choice = find_choice(row->choices, text);

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
	for (gsize i = 0; i < OPTION_ROWS; i++) {
		const OptionRow *row = &option_rows[i];

		if (typed[0] == '-' && typed[1] == '-' ? strcmp(typed + 2, row->name) == 0
						       : row->letter && typed[1] == row->letter)
			return row;
	}
	return NULL;
}

gboolean option_wants_pcap(const OptionValues *values)
{
	g_autofree char *name = values->write ? g_ascii_strdown(values->write, -1) : NULL;
	gsize length = 0;

	if (name)
		(void)compression_of_name(name, &length);
	return values->pcap || (name && length > 5 && strncmp(name + length - 5, ".pcap", 5) == 0);
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
	case TYPE_MARK:
		if (!check_mark(row, text, error))
			return FALSE;
		/* fall through */
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

static void add_row(GOptionGroup *group, const OptionRow *row)
{
	const GOptionEntry entries[] = {
		/* File names are bytes, whatever the locale. */
		{ row->name, row->letter,
		  row->type == TYPE_FLAG ? G_OPTION_FLAG_NO_ARG : G_OPTION_FLAG_FILENAME,
		  G_OPTION_ARG_CALLBACK, (gpointer)parse, row->help, row->argument },
		{ 0 },
	};

	g_option_group_add_entries(group, entries);
}

GOptionGroup *option_group(OptionValues *values, gboolean extcap)
{
	GOptionGroup *group = g_option_group_new(
		"capture", "Options of a capture:", "Show options of a capture", values, NULL);

	for (gsize i = 0; i < OPTION_ROWS; i++)
		if (option_rows[i].extcap || !extcap)
			add_row(group, &option_rows[i]);
	return group;
}

void option_add_remote_rows(GOptionGroup *group)
{
	static const char *const names[] = { "transport", "remote-rights", "remote-program",
					     "ssh-key",	  "ssh-jump",	   NULL };

	for (gsize i = 0; i < OPTION_ROWS; i++)
		if (g_strv_contains(names, option_rows[i].name))
			add_row(group, &option_rows[i]);
}

GOptionGroup *option_remote_group(OptionValues *values)
{
	GOptionGroup *group = g_option_group_new(
		"remote", "Other hosts:", "Show options for other hosts", values, NULL);

	option_add_remote_rows(group);
	return group;
}

static void append_word(GPtrArray *words, const OptionRow *row, const OptionValues *values)
{
	const gint64 *integer = G_STRUCT_MEMBER_P(values, row->offset);
	const char *text = *(char *const *)G_STRUCT_MEMBER_P(values, row->offset);
	const OptionChoice *choice = row->choices;

	switch (row->type) {
	case TYPE_FLAG:
		if (*integer)
			g_ptr_array_add(words, g_strdup_printf("--%s", row->name));
		return;
	case TYPE_CHOICE:
		while (choice->value != *integer)
			choice++;
		/* The default there may be another one: it depends on how it was built. */
		if (row->group == 0 || *integer != row->initial)
			g_ptr_array_add(words, g_strdup_printf("--%s=%s", row->name, choice->name));
		return;
	case TYPE_VERDICTS:
	case TYPE_STRING:
	case TYPE_MARK:
		if (text && *text)
			g_ptr_array_add(words, g_strdup_printf("--%s=%s", row->name, text));
		return;
	default:
		if (*integer != row->initial)
			g_ptr_array_add(words, g_strdup_printf("--%s=%" G_GINT64_FORMAT, row->name,
							       *integer));
	}
}

void option_append_words(const OptionValues *values, GPtrArray *words)
{
	static const char *const names[] = { "snaplen", "buffer",   "sample",	"rate", "count",
					     "verdict", "comments", "keep-ssh", NULL };

	/* What only some points have is for these to judge. */
	for (gsize i = 0; i < OPTION_ROWS; i++)
		if (option_rows[i].group != 0 || g_strv_contains(names, option_rows[i].name))
			append_word(words, &option_rows[i], values);
}

RemoteAccess option_access(const OptionValues *values)
{
	return (RemoteAccess){
		.transport = values->transport,
		.key = values->ssh_key,
		.jump = values->ssh_jump,
		.program = values->remote_program,
		.rights = (RemoteRights)values->remote_rights,
	};
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
