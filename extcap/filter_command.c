// SPDX-License-Identifier: GPL-2.0-or-later
#include <cbpf/cbpf.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "capture_file.h"
#include "command.h"
#include "disassembly.h"
#include "filter.h"
#include "match.h"

typedef struct {
	char *emit;
	char *match;
	char *cbpf;
	gboolean values;
	GStrv words;
} Arguments;

static int fail(const GError *error)
{
	g_printerr("xdpshark: %s\n", error->message);
	return EXIT_STATUS_FAILED;
}

static int fail_usage(const char *text)
{
	g_printerr("xdpshark: %s\n", text);
	return EXIT_STATUS_USAGE;
}

static int emit_cbpf(const Filter *filter)
{
	g_autofree char *text = filter_format(filter);

	printf("%s", text);
	return EXIT_STATUS_OK;
}

/* Each instruction behind the classic one that it came from. */
static int emit_ebpf(const Filter *filter)
{
	struct cbpf_options options = { .size = sizeof(options) };
	struct cbpf_program *program = NULL;
	struct cbpf_error reason;
	const struct bpf_insn *insns;
	const uint32_t *origins;
	size_t count;

	if (cbpf_compile(filter->code, filter->length, &options, &program, &reason) < 0) {
		g_printerr("xdpshark: the filter cannot run in XDP: %s\n", reason.text);
		return EXIT_STATUS_FAILED;
	}
	insns = cbpf_program_insns(program, &count);
	origins = cbpf_program_origins(program);
	for (size_t i = 0; i < count; i++) {
		g_autofree char *text = disassembly_format(&insns[i]);

		if (i > 0 && origins[i] == origins[i - 1]) {
			printf("%4zu: %s\n", i, text);
			continue;
		}
		if (origins[i] != UINT32_MAX) {
			g_autofree char *classic = filter_format_instruction(filter, origins[i]);

			printf("; %s\n", classic);
		}
		printf("%4zu: %s\n", i, text);
	}
	cbpf_program_free(program);
	return EXIT_STATUS_OK;
}

static int match_file(const Filter *filter, const char *path, gboolean values)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(CaptureFile) file = capture_file_open(path, &error);
	g_autoptr(Match) match = file ? match_new(filter->code, filter->length, &error) : NULL;
	const guint8 *data;
	gsize size;

	if (!match)
		return fail(error);
	while (capture_file_next(file, &data, &size, &error)) {
		guint32 value;

		if (!match_run(match, data, size, &value, &error))
			return fail(error);
		printf("%u\n", values ? value : value != 0);
	}
	return error ? fail(error) : EXIT_STATUS_OK;
}

static int run(const Arguments *arguments)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = arguments->words ? g_strjoinv(" ", arguments->words) : g_strdup("");
	g_autoptr(Filter) filter = NULL;

	if (arguments->cbpf && arguments->words)
		return fail_usage("give either a filter or --cbpf, not both");
	if (arguments->match && arguments->emit)
		return fail_usage("give either --emit or --match, not both");
	filter = arguments->cbpf ? filter_read(arguments->cbpf, &error)
				 : filter_compile(text, FILTER_NETMASK_UNKNOWN, &error);
	if (!filter)
		return fail(error);
	if (arguments->match)
		return match_file(filter, arguments->match, arguments->values);
	if (!arguments->emit || strcmp(arguments->emit, "ebpf") == 0)
		return emit_ebpf(filter);
	if (strcmp(arguments->emit, "cbpf") == 0)
		return emit_cbpf(filter);
	return fail_usage("--emit takes cbpf or ebpf");
}

int filter_command(int argc, char **argv)
{
	Arguments arguments = { 0 };
	const GOptionEntry entries[] = {
		{ "emit", 0, 0, G_OPTION_ARG_STRING, &arguments.emit,
		  "Print classic BPF as libpcap makes it, or the eBPF made of it (default)",
		  "cbpf|ebpf" },
		{ "match", 0, 0, G_OPTION_ARG_FILENAME, &arguments.match,
		  "Run the filter in the kernel on each packet of this file and print 1 or 0 a "
		  "line",
		  "FILE" },
		{ "values", 0, 0, G_OPTION_ARG_NONE, &arguments.values,
		  "With --match, print the filter's 32-bit value in place of 1 or 0", NULL },
		{ "cbpf", 0, 0, G_OPTION_ARG_FILENAME, &arguments.cbpf,
		  "Take classic BPF as 'tcpdump -ddd' prints it in place of FILTER", "FILE" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &arguments.words, NULL,
		  NULL },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new("[FILTER]");
	g_autoptr(GError) error = NULL;
	int status;

	g_option_context_set_summary(
		context, "Shows what a capture filter compiles to, or which packets of a "
			 "file it matches.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (g_option_context_parse(context, &argc, &argv, &error))
		status = run(&arguments);
	else
		status = fail_usage(error->message);
	g_free(arguments.emit);
	g_free(arguments.match);
	g_free(arguments.cbpf);
	g_strfreev(arguments.words);
	return status;
}
