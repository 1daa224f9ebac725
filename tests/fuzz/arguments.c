// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any bytes as the words of a command line. The first word chooses whose: what
 * Wireshark says, or what a person does. Nothing is done of what they ask for.
 */
#include <glib.h>
#include <locale.h>
#include <string.h>

#include "capture_command.h"
#include "dialog.h"
#include "extcap.h"
#include "filter_command.h"
#include "fuzz.h"
#include "interface.h"
#include "stat_arguments.h"

/* Words are divided by ends of line, as NULs are hard to read in a corpus. */
static GStrv split_words(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);

	return g_strsplit(text, "\n", -1);
}

/* With these GLib prints the help and ends the process. */
static gboolean asks_for_help(GStrv words)
{
	for (; *words; words++)
		if (g_str_has_prefix(*words, "--help") ||
		    ((*words)[0] == '-' && (*words)[1] != '-' && strpbrk(*words, "h?")))
			return TRUE;
	return FALSE;
}

/* Whatever was typed, a capture works with these. */
static void check_values(const OptionValues *values)
{
	guint32 verdicts;
	gsize ring = option_ring_size(values, 4096, 64);

	FUZZ_CHECK(values->snaplen >= 0 && values->snaplen <= 262144);
	FUZZ_CHECK(!option_check_source(values, &source_hook, &verdicts, NULL) ||
		   verdicts < 1 << 5);
	FUZZ_CHECK(values->sample >= 0 && values->rate >= 0 && values->count >= 0);
	FUZZ_CHECK(values->duration >= 0 && values->duration <= 1e9);
	FUZZ_CHECK(ring >= 4096 && ring <= (gsize)1 << 30 && (ring & (ring - 1)) == 0);
}

/* A path's interface is the path's, whatever it holds. */
static void check_interface(const char *path)
{
	const char *const paths[] = { path, NULL };
	g_auto(GStrv) values = interface_values(&source_hook, paths);
	g_autofree char *back = interface_address(values[0], paths);

	FUZZ_CHECK(!strpbrk(values[0], " {}\r\n") && strlen(values[0]) <= INTERFACE_LENGTH_MAX);
	FUZZ_CHECK(path[0] != '/' || g_strcmp0(back, path) == 0);
}

static void parse_extcap(int count, char **words)
{
	g_autoptr(GError) error = NULL;
	ExtcapCall call;

	if (extcap_call_parse(&call, count, words, &error)) {
		check_values(&call.values);
		dialog_print(&source_hook, source_hook.options, 0, call.reload);
	}
	if (call.interface) {
		g_autofree char *path = interface_address(call.interface, NULL);

		check_interface(path ? path : call.interface);
	}
	extcap_call_clear(&call);
}

static void parse_capture(int count, char **words)
{
	g_autoptr(GError) error = NULL;
	CaptureArguments arguments;

	if (capture_arguments_parse(&arguments, count, words, &error)) {
		check_values(&arguments.values);
		for (char **hook = arguments.points; *hook; hook++) {
			g_autofree char *path = interface_address(*hook, NULL);

			check_interface(path ? path : *hook);
		}
	}
	capture_arguments_clear(&arguments);
}

static void parse_filter(int count, char **words)
{
	g_autoptr(GError) error = NULL;
	FilterArguments arguments;

	FUZZ_CHECK(filter_arguments_parse(&arguments, count, words, &error) == (error == NULL));
	filter_arguments_clear(&arguments);
}

static void parse_stat(int count, char **words)
{
	g_autoptr(GError) error = NULL;
	StatArguments arguments;

	FUZZ_CHECK(stat_arguments_parse(&arguments, count, words, &error) == (error == NULL));
	FUZZ_CHECK(arguments.interval >= 0.1 && arguments.interval <= 86400);
	FUZZ_CHECK(arguments.count >= 0 && arguments.duration >= 0);
	stat_arguments_clear(&arguments);
}

static const struct {
	const char *name;
	void (*parse)(int count, char **words);
} commands[] = {
	{ "extcap", parse_extcap },
	{ "capture", parse_capture },
	{ "filter", parse_filter },
	{ "stat", parse_stat },
};

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	fuzz_begin();
	/* As main() does, but the same everywhere. */
	setlocale(LC_ALL, "C.UTF-8");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_auto(GStrv) words = split_words(data, size);
	guint count = g_strv_length(words);
	/* GLib moves words about, and takes those out that it knows. */
	g_autofree char **moved = g_memdup2(words, (count + 1) * sizeof(*words));

	if (count == 0 || asks_for_help(words))
		return 0;
	extcap_is_called((int)count, words);
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(words[0], commands[i].name) == 0)
			commands[i].parse((int)count, moved);
	return 0;
}
