// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_command.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "capture_file.h"
#include "command.h"
#include "disassembly.h"
#include "filter.h"
#include "match_file.h"
#include "privilege.h"
#include "remote_filter.h"
#include "remote_host.h"
#include "terminal.h"

static int fail(ExitStatus status, const GError *error)
{
	g_printerr("xdpshark: %s\n", error->message);
	return status;
}

static int fail_compile(const struct cbpf_error *reason)
{
	g_printerr("xdpshark: the filter cannot run in XDP: %s\n", reason->text);
	return EXIT_STATUS_FAILED;
}

static int emit_cbpf(const Filter *filter)
{
	g_autofree char *text = filter_format(filter);

	printf("%s", text);
	return EXIT_STATUS_OK;
}

/* Prints each instruction after the classic one that it came from. */
static int emit_ebpf(const Filter *filter)
{
	struct cbpf_options options = { .size = sizeof(options) };
	struct cbpf_program *program = NULL;
	struct cbpf_error reason;
	const struct bpf_insn *insns;
	const uint32_t *origins;
	size_t count;

	if (cbpf_compile(filter->code, filter->length, &options, &program, &reason) < 0)
		return fail_compile(&reason);
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

/* Prints only the function: includes and the program around it are up to the reader. */
static int emit_c(const Filter *filter)
{
	struct cbpf_options options = { .size = sizeof(options) };
	struct cbpf_error reason;
	char *text = NULL;

	if (cbpf_compile_c(filter->code, filter->length, &options, "filter", &text, &reason) < 0)
		return fail_compile(&reason);
	printf("%s", text);
	free(text);
	return EXIT_STATUS_OK;
}

/* The values of --emit, with the default last. */
static const struct {
	const char *name;
	int (*emit)(const Filter *filter);
} forms[] = { { "cbpf", emit_cbpf }, { "c", emit_c }, { "ebpf", emit_ebpf } };

/* Returns the index of the form, of the default if name is NULL, or G_N_ELEMENTS(forms). */
static gsize find_form(const char *name)
{
	gsize form = 0;

	if (!name)
		return G_N_ELEMENTS(forms) - 1;
	while (form < G_N_ELEMENTS(forms) && strcmp(forms[form].name, name) != 0)
		form++;
	return form;
}

/* LINK_TYPES if the name is unknown; NULL stands for Ethernet. */
static LinkType find_link(const char *name)
{
	LinkType link = LINK_ETHERNET;

	while (name && link < LINK_TYPES && g_ascii_strcasecmp(link_types[link].name, name) != 0)
		link++;
	return link;
}

/* One bad filter of many must not end the run. */
static void print_refusal(const GError *error)
{
	terminal_print(stdout, "REJECT (%s)\n", error->message);
}

/* How to print a value. */
typedef struct {
	gboolean values;
	char separator;
} Print;

static void print_value(guint32 value, gpointer data)
{
	const Print *print = data;

	printf("%u%c", print->values ? value : value != 0, print->separator);
}

/* Opens the file that filters are tried on with the caller's rights. It is read without any. */
static int open_file(const char *path, GError **error)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot read %s: %s", path, g_strerror(errno));
	return fd;
}

/* Whoever wrote the file, from here on this process has nothing to give away. */
static gboolean drop_privilege(Broker *broker, GError **error)
{
	PrivilegeAccount account;

	return broker_start(broker, error) && privilege_find_account(NULL, &account, error) &&
	       privilege_drop(&account, error);
}

static Filter *compile(const FilterArguments *arguments, const char *text, LinkType link,
		       GError **error)
{
	return filter_compile(
		text, link, FILTER_NETMASK_UNKNOWN,
		arguments->unoptimized ? FILTER_OPTIMIZE_NEVER : FILTER_OPTIMIZE_IF_QUICK, error);
}

static gboolean match_all(Broker *broker, CaptureFile *file, const FilterArguments *arguments,
			  char separator, GError **error)
{
	Print print = { arguments->values, separator };

	return match_file(broker, file, print_value, &print, error);
}

/* Uses program, which it takes over, or compiles the text for the file's packets. */
static gboolean try_filter(Broker *broker, int fd, const FilterArguments *arguments,
			   const char *text, Filter *program, GError **error)
{
	g_autoptr(CaptureFile) file = capture_file_open(fd, arguments->match, error);
	g_autoptr(Filter) filter = program;

	if (file && !filter)
		filter = compile(arguments, text, capture_file_link(file), error);
	return file && filter && match_file_filter(broker, filter, error) &&
	       match_all(broker, file, arguments, '\n', error);
}

static int match_one(const FilterArguments *arguments, const char *text)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GError) error = NULL;
	Filter *program = NULL;
	gboolean done;
	int fd;

	if (arguments->cbpf && !(program = filter_read(arguments->cbpf, &error)))
		return fail(EXIT_STATUS_FAILED, error);
	fd = open_file(arguments->match, &error);
	done = fd >= 0 && drop_privilege(broker, &error) &&
	       try_filter(broker, fd, arguments, text, program, &error);
	if (fd >= 0)
		close(fd);
	return done ? EXIT_STATUS_OK : fail(EXIT_STATUS_FAILED, error);
}

/* Runs one line of the list: a filter or, with --batch-cbpf, a program. If the filter is bad, the
 * reason is printed instead of the verdicts. FALSE if the file or the kernel fails. */
static gboolean match_line(Broker *broker, int fd, const FilterArguments *arguments,
			   const char *line, GError **error)
{
	g_autoptr(GError) refusal = NULL;
	g_autoptr(CaptureFile) file = NULL;
	g_autoptr(Filter) filter = NULL;

	/* Read the file again from its beginning. A pipe is good for one filter only. */
	(void)lseek(fd, 0, SEEK_SET);
	file = capture_file_open(fd, arguments->match, error);
	if (!file)
		return FALSE;
	filter = arguments->batch_cbpf
			 ? filter_parse(line, "program", &refusal)
			 : compile(arguments, line, capture_file_link(file), &refusal);
	if (!filter || !match_file_filter(broker, filter, &refusal)) {
		print_refusal(refusal);
		return TRUE;
	}
	if (!match_all(broker, file, arguments, ' ', error))
		return FALSE;
	printf("\n");
	return TRUE;
}

static int match_batch(const FilterArguments *arguments)
{
	g_autoptr(Broker) broker = broker_new();
	const char *list = arguments->batch_cbpf ? arguments->batch_cbpf : arguments->batch;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gboolean done;
	int fd = open_file(arguments->match, &error);

	done = fd >= 0 && g_file_get_contents(list, &text, NULL, &error) &&
	       drop_privilege(broker, &error);
	if (done && g_str_has_suffix(text, "\n"))
		text[strlen(text) - 1] = '\0';
	lines = g_strsplit(done ? text : "", "\n", -1);
	for (char **line = lines; done && *line; line++)
		done = match_line(broker, fd, arguments, *line, &error);
	if (fd >= 0)
		close(fd);
	return done ? EXIT_STATUS_OK : fail(EXIT_STATUS_FAILED, error);
}

/* Which arguments contradict each other, or NULL. */
static const char *check_usage(const FilterArguments *arguments)
{
	guint filters = (arguments->cbpf != NULL) + (arguments->words != NULL) +
			(arguments->batch != NULL) + (arguments->batch_cbpf != NULL);

	if (filters > 1)
		return "give one of a filter, --cbpf, --batch and --batch-cbpf";
	if (arguments->match && arguments->emit)
		return "give either --emit or --match, not both";
	if ((arguments->batch || arguments->batch_cbpf) && !arguments->match)
		return "--batch and --batch-cbpf go with --match";
	if (find_form(arguments->emit) == G_N_ELEMENTS(forms))
		return "--emit takes cbpf, ebpf or c";
	if (arguments->link_type && (arguments->match || arguments->cbpf))
		return "--link-type is for a filter without --match, whose file says what it is";
	if (find_link(arguments->link_type) == LINK_TYPES)
		return "--link-type takes EN10MB (Ethernet) or RAW (raw IP)";
	return NULL;
}

static int run(const FilterArguments *arguments)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = arguments->words ? g_strjoinv(" ", arguments->words) : g_strdup("");
	g_autoptr(Filter) filter = NULL;

	if (arguments->batch || arguments->batch_cbpf)
		return match_batch(arguments);
	if (arguments->match)
		return match_one(arguments, text);
	filter = arguments->cbpf
			 ? filter_read(arguments->cbpf, &error)
			 : compile(arguments, text, find_link(arguments->link_type), &error);
	if (!filter)
		return fail(EXIT_STATUS_FAILED, error);
	return forms[find_form(arguments->emit)].emit(filter);
}

gboolean filter_arguments_parse(FilterArguments *ret_arguments, int argc, char **argv,
				GError **error)
{
	const GOptionEntry entries[] = {
		{ "emit", 0, 0, G_OPTION_ARG_STRING, &ret_arguments->emit,
		  "Print classic BPF as libpcap makes it, the eBPF made of it (default), or a C "
		  "function",
		  "cbpf|ebpf|c" },
		{ "match", 0, 0, G_OPTION_ARG_FILENAME, &ret_arguments->match,
		  "Run the filter in the kernel on each packet of this file and print 1 or 0 for "
		  "each; 'len', 'less' and 'greater' mean the length on the wire, as in tcpdump",
		  "FILE" },
		{ "values", 0, 0, G_OPTION_ARG_NONE, &ret_arguments->values,
		  "With --match, print the filter's 32-bit value in place of 1 or 0", NULL },
		{ "cbpf", 0, 0, G_OPTION_ARG_FILENAME, &ret_arguments->cbpf,
		  "Take classic BPF as 'tcpdump -ddd' prints it in place of FILTER", "FILE" },
		{ "link-type", 'y', 0, G_OPTION_ARG_STRING, &ret_arguments->link_type,
		  "What packets begin with: EN10MB (Ethernet, the default) or RAW (an IP header)",
		  "EN10MB|RAW" },
		{ "no-optimize", 'O', 0, G_OPTION_ARG_NONE, &ret_arguments->unoptimized,
		  "Disable libpcap's optimiser", NULL },
		{ "batch", 0, 0, G_OPTION_ARG_FILENAME, &ret_arguments->batch,
		  "With --match, try each line of this file as a filter; print a line for each",
		  "FILE" },
		{ "batch-cbpf", 0, 0, G_OPTION_ARG_FILENAME, &ret_arguments->batch_cbpf,
		  "The same with one program per line, with commas instead of its line ends",
		  "FILE" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &ret_arguments->words, NULL,
		  NULL },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new("[FILTER]");
	const char *misuse;

	memset(ret_arguments, 0, sizeof(*ret_arguments));
	g_option_context_set_summary(
		context, "Shows what a capture filter compiles to, or which packets of a "
			 "file it matches.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return FALSE;
	misuse = check_usage(ret_arguments);
	if (misuse)
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, misuse);
	return misuse == NULL;
}

void filter_arguments_clear(FilterArguments *arguments)
{
	g_clear_pointer(&arguments->emit, g_free);
	g_clear_pointer(&arguments->match, g_free);
	g_clear_pointer(&arguments->cbpf, g_free);
	g_clear_pointer(&arguments->link_type, g_free);
	g_clear_pointer(&arguments->batch, g_free);
	g_clear_pointer(&arguments->batch_cbpf, g_free);
	g_clear_pointer(&arguments->words, g_strfreev);
}

int filter_command(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	FilterArguments arguments;
	int status;

	if (argc > 1 && remote_host_is_named(argv[1]))
		return remote_filter_command(argc, argv);
	if (filter_arguments_parse(&arguments, argc, argv, &error))
		status = run(&arguments);
	else
		status = fail(EXIT_STATUS_USAGE, error);
	filter_arguments_clear(&arguments);
	return status;
}
