// SPDX-License-Identifier: GPL-2.0-or-later
#include "stat_arguments.h"

#include <string.h>

#include "remote_host.h"
#include "source_type.h"

/* A tenth of a second to a day. */
#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 86400.0

/* Other programs' options, by which people try what is something else here. */
static const struct {
	const char *name;
	const char *text;
} refusals[] = {
	{ "-w", "nothing is kept of packets here: 'xdpshark capture -w FILE' writes them" },
	{ "-r", "tshark -r reads files; counts are of packets that come" },
	{ "-s", "nothing is kept of packets here: 'xdpshark capture -s BYTES' keeps that much" },
	{ "-c", "-n COUNT ends after so many intervals" },
	{ "-D", "use 'xdpshark list'" },
};

static gboolean set_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean set_error(GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list values;

	va_start(values, format);
	text = g_strdup_vprintf(format, values);
	va_end(values);
	g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
	return FALSE;
}

static gboolean is_number(const char *text, gdouble *ret_number)
{
	char *end;

	*ret_number = g_ascii_strtod(text, &end);
	return end != text && *end == '\0';
}

static gboolean take_seconds(const char *text, const char *name, gdouble minimum, gdouble maximum,
			     gdouble *ret_seconds, GError **error)
{
	gdouble number;

	if (!is_number(text, &number) || !(number >= minimum && number <= maximum))
		return set_error(error, "--%s: '%s' is not a number of seconds from %g to %.0f",
				 name, text, minimum, maximum);
	*ret_seconds = number;
	return TRUE;
}

/* For tcpdump, what follows -i is an interface. */
static gboolean parse_interval(const char *typed, const char *text, gpointer data, GError **error)
{
	StatArguments *arguments = data;
	gdouble number;

	if (strcmp(typed, "-i") == 0 && !is_number(text, &number)) {
		g_ptr_array_add(arguments->interfaces, g_strdup(text));
		return TRUE;
	}
	return take_seconds(text, "interval", INTERVAL_MIN, INTERVAL_MAX, &arguments->interval,
			    error);
}

static gboolean parse_duration(const char *typed G_GNUC_UNUSED, const char *text, gpointer data,
			       GError **error)
{
	StatArguments *arguments = data;

	return take_seconds(text, "duration", 0, OPTION_DURATION_MAX, &arguments->duration, error);
}

static gboolean take_count(StatArguments *arguments, const char *text, GError **error)
{
	if (g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &arguments->count, NULL))
		return TRUE;
	return set_error(error, "--count: '%s' is not a number of intervals", text);
}

static gboolean parse_count(const char *typed G_GNUC_UNUSED, const char *text, gpointer data,
			    GError **error)
{
	return take_count(data, text, error);
}

static gboolean parse_color(const char *typed G_GNUC_UNUSED, const char *text, gpointer data,
			    GError **error)
{
	static const struct {
		const char *name;
		OptionColor color;
	} colors[] = { { "auto", OPTION_COLOR_AUTO },
		       { "always", OPTION_COLOR_ALWAYS },
		       { "never", OPTION_COLOR_NEVER } };
	StatArguments *arguments = data;

	for (gsize i = 0; i < G_N_ELEMENTS(colors); i++)
		if (strcmp(colors[i].name, text) == 0) {
			arguments->color = colors[i].color;
			return TRUE;
		}
	return set_error(error, "--color: '%s' is none of auto, always, never", text);
}

static gboolean is_action(const char *name)
{
	for (const SourceType *const *type = source_types; *type; type++)
		if (source_verdict_bit(*type, name))
			return TRUE;
	return FALSE;
}

/* The option may be given several times. */
static gboolean parse_actions(const char *typed G_GNUC_UNUSED, const char *text, gpointer data,
			      GError **error)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	StatArguments *arguments = data;
	g_autofree char *before = arguments->actions;

	arguments->actions = g_strconcat(before ? before : "", before ? "," : "", text, NULL);
	for (char **word = words; *word; word++) {
		g_autofree char *names = NULL;

		if (!*g_strstrip(*word) || is_action(*word))
			continue;
		names = source_verdict_names(source_types[0]);
		return set_error(error, "--actions: '%s' is none of %s", *word, names);
	}
	return TRUE;
}

static gboolean parse_output(const char *typed G_GNUC_UNUSED, const char *text, gpointer data,
			     GError **error)
{
	StatArguments *arguments = data;

	if (!*text)
		return set_error(error, "--output: the name of the file is empty (-: standard "
					"output)");
	g_free(arguments->output);
	arguments->output = strcmp(text, "-") == 0 ? NULL : g_strdup(text);
	arguments->metrics = TRUE;
	return TRUE;
}

/* Letters whose value may be glued to them. */
#define VALUED "inafFod"

/* A word such as -bn1, which GLib does not know. */
static void add_letters(GPtrArray *words, const char *word)
{
	for (const char *at = word + 1; *at; at++) {
		g_ptr_array_add(words, g_strdup_printf("-%c", *at));
		if (!strchr(VALUED, *at))
			continue;
		if (at[1])
			g_ptr_array_add(words, g_strdup(at + 1));
		return;
	}
}

/* Words as GLib's parser takes them. --openmetrics=FILE is --output=FILE: without '=', what follows
 * is a hook. */
static GStrv split_words(int argc, char **argv)
{
	static const char typed[] = "--openmetrics=";
	GPtrArray *words = g_ptr_array_new();
	gboolean value = FALSE;
	int i = 0;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *word = argv[i], *last;

		if (!value && i > 0 && word[0] == '-' && word[1] && word[1] != '-') {
			add_letters(words, word);
			/* What comes next is the value of a letter that has none yet. */
			last = g_ptr_array_index(words, words->len - 1);
			value = last[0] == '-' && last[1] && !last[2] && strchr(VALUED, last[1]) &&
				word[strlen(word) - 1] == last[1];
			continue;
		}
		value = FALSE;
		g_ptr_array_add(words,
				g_str_has_prefix(word, typed)
					? g_strconcat("--output=", word + strlen(typed), NULL)
					: g_strdup(word));
	}
	for (; i < argc; i++)
		g_ptr_array_add(words, g_strdup(argv[i]));
	g_ptr_array_add(words, NULL);
	return (GStrv)g_ptr_array_free(words, FALSE);
}

static gboolean check_habits(GStrv words, GError **error)
{
	for (GStrv word = words + 1; words[0] && *word && strcmp(*word, "--") != 0; word++)
		for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++)
			if (strcmp(*word, refusals[i].name) == 0)
				return set_error(error, "%s: %s", *word, refusals[i].text);
	return TRUE;
}

/* As vmstat's: one or two numbers alone are interval and count. */
static gboolean take_numbers(StatArguments *arguments, GError **error)
{
	guint count = arguments->words ? g_strv_length(arguments->words) : 0, numbers = 0;
	gdouble number;

	while (numbers < count && numbers < 2 &&
	       is_number(arguments->words[count - 1 - numbers], &number))
		numbers++;
	/* The number of a port, say. */
	if (numbers == 0 || numbers < count)
		return TRUE;
	if (!take_seconds(arguments->words[0], "interval", INTERVAL_MIN, INTERVAL_MAX,
			  &arguments->interval, error) ||
	    (numbers == 2 && !take_count(arguments, arguments->words[1], error)))
		return FALSE;
	g_clear_pointer(&arguments->words, g_strfreev);
	return TRUE;
}

static gboolean check(StatArguments *arguments, GError **error)
{
	if (arguments->json && arguments->metrics)
		return set_error(error, "--json and --openmetrics are two forms: choose one");
	if (arguments->filter && arguments->filter_file)
		return set_error(error, "-f and -F are two filters: choose one");
	if (!take_numbers(arguments, error))
		return FALSE;
	/* Standard output gets them once. */
	if (arguments->metrics && !arguments->output && arguments->count == 0 &&
	    arguments->duration == 0)
		arguments->count = 1;
	return TRUE;
}

#define CALLBACK(NAME) G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer)parse_##NAME
#define FLAG(MEMBER)   0, G_OPTION_ARG_NONE, &arguments->MEMBER

static void add_entries(GOptionContext *context, StatArguments *arguments)
{
	const GOptionEntry entries[] = {
		{ "interval", 'i', CALLBACK(interval), "Show the counts each SECONDS (default: 1)",
		  "SECONDS" },
		{ "count", 'n', CALLBACK(count), "End after so many intervals (0: no limit)",
		  "COUNT" },
		{ "duration", 0, CALLBACK(duration), "End after this time (0: no limit)",
		  "SECONDS" },
		{ "actions", 'a', CALLBACK(actions),
		  "Only count packets with these XDP actions, such as drop,tx", "LIST" },
		{ "filter", 'f', 0, G_OPTION_ARG_FILENAME, &arguments->filter,
		  "Only count packets that match, in tcpdump's language", "FILTER" },
		{ "filter-file", 'F', 0, G_OPTION_ARG_FILENAME, &arguments->filter_file,
		  "The same, read from a file (-: standard input)", "FILE" },
		{ "batch", 'b', FLAG(batch),
		  "Print a table for each interval, also on a terminal, which otherwise has one "
		  "that "
		  "is drawn anew",
		  NULL },
		{ "json", 0, FLAG(json), "Print a JSON object a line for each interval", NULL },
		{ "openmetrics", 0, FLAG(metrics),
		  "Print metrics for Prometheus, once, after an interval (or -n or --duration)",
		  NULL },
		{ "output", 'o', CALLBACK(output),
		  "Write these metrics to a file, anew each interval (also --openmetrics=FILE)",
		  "FILE" },
		{ "color", 0, CALLBACK(color),
		  "Colour actions (auto: on a terminal, unless NO_COLOR is set)",
		  "auto|always|never" },
		{ "follow", 0, FLAG(follow),
		  "Move on to the new hook when a new version of the program pins another one "
		  "there",
		  NULL },
		{ "share-foreign", 0, FLAG(share_foreign),
		  "Go before programs in the hook's slots that are not xdpshark's (which still get "
		  "the packets)",
		  NULL },
		{ "unproven", 0, FLAG(unproven),
		  "As root, also count where it is not proven that programs use the array as a "
		  "hook",
		  NULL },
		/* top's */
		{ "delay", 'd', G_OPTION_FLAG_HIDDEN | CALLBACK(interval), NULL, NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments->words, NULL,
		  NULL },
		{ 0 },
	};
	GOptionGroup *group = g_option_group_new("stat", "", "", arguments, NULL);

	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
}

static gboolean check_hosts(const StatArguments *arguments, GError **error)
{
	for (char **word = arguments->words; word && *word; word++)
		if (remote_host_is_named(*word))
			return set_error(error,
					 "'%s' is on another host, and hooks are counted where "
					 "they are: run xdpshark stat there, such as 'ssh -t HOST "
					 "xdpshark stat'",
					 *word);
	return TRUE;
}

gboolean stat_arguments_parse(StatArguments *ret_arguments, int argc, char **argv, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new("[HOOK…] [FILTER]");
	g_auto(GStrv) words = split_words(argc, argv);

	memset(ret_arguments, 0, sizeof(*ret_arguments));
	ret_arguments->interval = 1;
	ret_arguments->interfaces = g_ptr_array_new_with_free_func(g_free);
	add_entries(context, ret_arguments);
	g_option_context_set_summary(context,
				     "Counts packets and bytes by XDP action, without copying "
				     "any.");
	g_option_context_set_description(
		context,
		"HOOK is the path, the name or the device of a hook, or xdp-prog:DEVICE for a "
		"program\n"
		"without one; with none, all are counted. FILTER is one in tcpdump's language\n"
		"(pcap-filter(7)).\n\n"
		"  xdpshark stat\n"
		"  xdpshark stat eth0 -a drop udp port 53\n"
		"  xdpshark stat --openmetrics=/var/lib/prometheus/node-exporter/xdp.prom -i 15\n");
	return check_habits(words, error) && g_option_context_parse_strv(context, &words, error) &&
	       check_hosts(ret_arguments, error) && check(ret_arguments, error);
}

void stat_arguments_clear(StatArguments *arguments)
{
	g_clear_pointer(&arguments->actions, g_free);
	g_clear_pointer(&arguments->filter, g_free);
	g_clear_pointer(&arguments->filter_file, g_free);
	g_clear_pointer(&arguments->interfaces, g_ptr_array_unref);
	g_clear_pointer(&arguments->words, g_strfreev);
	g_clear_pointer(&arguments->output, g_free);
}
