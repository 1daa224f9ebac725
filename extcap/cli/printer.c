// SPDX-License-Identifier: GPL-2.0-or-later
#include "printer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor.h"
#include "packet_line.h"
#include "pcapng_reader.h"
#include "printed_line.h"
#include "terminal.h"

/* For what is left at the end; a paused terminal must not keep the capture from ending. */
#define FINISH_LIMIT_MS 8000
#define FINISH_STEP_MS	20

struct Printer {
	pid_t pid;
};

static guint count_letter(const PrintStyle *style, char letter)
{
	guint count = 0;

	for (const char *at = style->letters; *at; at++)
		count += *at == letter;
	return count;
}

/* By how often -t was typed, as in tcpdump(8). */
static const struct {
	const char *tshark; /* NULL: no time */
	PrintedTime own;
} times[] = {
	{ "a", PRINTED_TIME_OF_DAY }, { NULL, PRINTED_TIME_NONE },
	{ "e", PRINTED_TIME_EPOCH },  { "d", PRINTED_TIME_SINCE_LAST },
	{ "ad", PRINTED_TIME_DATE },  { "r", PRINTED_TIME_SINCE_FIRST },
};

static guint time_style(const PrintStyle *style)
{
	return MIN(count_letter(style, 't'), G_N_ELEMENTS(times) - 1);
}

static void add_words(GPtrArray *words, const char *const *more)
{
	for (; *more; more++)
		g_ptr_array_add(words, g_strdup(*more));
}

/* The columns; the comment comes first, as it is there without the plugin, too. */
static char *format_columns(const PrintStyle *style)
{
	GString *text = g_string_new("gui.column.format:\"Comment\",\"%Cus:frame.comment:0:R\"");

	if (style->interfaces)
		g_string_append(text, ",\"Interface\",\"%Cus:frame.interface_name:0:R\"");
	if (count_letter(style, '#') > 0)
		g_string_append(text, ",\"No.\",\"%m\"");
	if (times[time_style(style)].tshark)
		g_string_append(text, ",\"Time\",\"%t\"");
	if (count_letter(style, 'e') > 0)
		g_string_append(text, ",\"From\",\"%uhs\",\"To\",\"%uhd\"");
	g_string_append(text, ",\"Source\",\"%s\",\"Destination\",\"%d\",\"Protocol\",\"%p\","
			      "\"Length\",\"%L\",\"Info\",\"%i\"");
	return g_string_free(text, FALSE);
}

/* NULL at the end. */
static GStrv tshark_words(const PrintStyle *style, const char *program)
{
	static const struct {
		char letter;
		const char *words[3];
	} handed[] = {
		{ 'n', { "-n" } },	 { 'V', { "-P", "-V" } },
		{ 'x', { "-P", "-x" } }, { 'X', { "-P", "-x" } },
		{ 'A', { "-P", "-x" } }, { 'S', { "-o", "tcp.relative_sequence_numbers:FALSE" } },
	};
	GPtrArray *words = g_ptr_array_new();
	g_autofree char *columns = format_columns(style);
	const char *time = times[time_style(style)].tshark;

	add_words(words, (const char *const[]){ program, "-l", "-r", "-", "-o", columns, "-t",
						time ? time : "a", NULL });
	for (gsize i = 0; i < G_N_ELEMENTS(handed); i++)
		if (count_letter(style, handed[i].letter) > 0)
			add_words(words, handed[i].words);
	for (guint i = 0; i < style->handed->len; i++)
		g_ptr_array_add(words, g_strdup(g_ptr_array_index(style->handed, i)));
	g_ptr_array_add(words, NULL);
	return (GStrv)g_ptr_array_free(words, FALSE);
}

/* In a session of its own: Ctrl-C ends the capture, and then it prints the rest. Returns its
 * output, or -1. */
static int start_tshark(const PrintStyle *style, const char *program, pid_t *ret_pid)
{
	g_auto(GStrv) words = tshark_words(style, program);
	int fds[2];

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, NULL))
		return -1;
	*ret_pid = fork();
	if (*ret_pid == 0) {
		setsid();
		signal(SIGPIPE, SIG_DFL);
		dup2(fds[1], STDOUT_FILENO);
		/* Settings of whom we were are none of ours. */
		setenv("HOME", "/nonexistent", 1);
		unsetenv("XDG_CONFIG_HOME");
		execv(program, words);
		_exit(127);
	}
	close(fds[1]);
	return *ret_pid > 0 ? fds[0] : -1;
}

/* Lines of tshark's, with the actions in front made to stand out. */
static void print_lines(const PrintStyle *style, int fd)
{
	FILE *lines = fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	gssize length;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (lines && (length = getline(&line, &size, lines)) >= 0 && !ferror(stdout)) {
		g_autofree char *text = NULL;

		if (length > 0 && line[length - 1] == '\n')
			line[length - 1] = '\0';
		text = printed_line_dress(line, style->color);
		if (printf("%s\n", text) < 0)
			break;
	}
	free(line);
	if (lines)
		fclose(lines);
}

typedef struct {
	const PrintStyle *style;
	PrintedClock clock;
	guint64 number;
} Own;

static void print_packet(const PcapngRead *packet, gpointer data)
{
	Own *own = data;
	const PrintStyle *style = own->style;
	const PacketLine what = {
		.link = packet->link,
		.data = packet->data,
		.captured_length = packet->captured_length,
		.wire_length = packet->wire_length,
		.addresses = count_letter(style, 'e') > 0,
	};
	g_autoptr(GString) line = g_string_new(packet->comment);
	g_autofree char *text = NULL;

	g_string_append_c(line, ' ');
	if (style->interfaces)
		g_string_append_printf(line, "%s ", packet->interface);
	if (count_letter(style, '#') > 0)
		g_string_append_printf(line, "%" G_GUINT64_FORMAT " ", ++own->number);
	printed_time_append(line, &own->clock, times[time_style(style)].own, packet->time);
	packet_line_append(line, &what);
	text = printed_line_dress(line->str, style->color);
	printf("%s\n", text);
	if (!strpbrk(style->letters, "xXA"))
		return;
	g_string_truncate(line, 0);
	packet_line_append_bytes(line, packet->data, packet->captured_length);
	printf("%s", line->str);
}

/* Without tshark. */
static void print_own(const PrintStyle *style)
{
	Own own = { .style = style };
	g_autoptr(PcapngReader) reader = pcapng_reader_new(print_packet, &own);
	guint8 bytes[65536];
	gssize length;

	while ((length = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 || !pcapng_reader_feed(reader, bytes, (gsize)length) ||
		    fflush(stdout) != 0)
			return;
	}
}

/* The second process. */
static void run(const PrintStyle *style, const PrivilegeAccount *account)
{
	g_autofree char *program = g_find_program_in_path("tshark");
	int lines = -1;
	pid_t pid = -1;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (!privilege_drop(account, NULL))
		return;
	if (program && access(program, X_OK) == 0)
		lines = start_tshark(style, program, &pid);
	if (lines < 0) {
		print_own(style);
		return;
	}
	/* Where nobody reads any more, tshark must learn that, and who writes to it. */
	close(STDIN_FILENO);
	print_lines(style, lines);
	(void)waitpid(pid, NULL, 0);
}

/* The pipe is standard input; nothing else of the capture's is kept open. */
static gboolean keep_descriptors(int pipe)
{
	if (dup2(pipe, STDIN_FILENO) < 0)
		return FALSE;
	descriptor_close_from(STDERR_FILENO + 1);
	return TRUE;
}

Printer *printer_start(const PrintStyle *style, const PrivilegeAccount *account, int *ret_fd,
		       GError **error)
{
	Printer *printer;
	int fds[2];

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, NULL)) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot create a pipe: %s", g_strerror(errno));
		return NULL;
	}
	printer = g_new0(Printer, 1);
	fflush(stdout);
	printer->pid = fork();
	if (printer->pid == 0) {
		if (keep_descriptors(fds[0]))
			run(style, account);
		fflush(stdout);
		_exit(0);
	}
	close(fds[0]);
	if (printer->pid > 0) {
		*ret_fd = fds[1];
		return printer;
	}
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
		    "cannot start a process: %s", g_strerror(errno));
	close(fds[1]);
	g_free(printer);
	return NULL;
}

void printer_finish(Printer *printer, gboolean wait)
{
	if (!printer)
		return;
	for (guint waited = 0; wait && waited < FINISH_LIMIT_MS; waited += FINISH_STEP_MS) {
		if (waitpid(printer->pid, NULL, WNOHANG) != 0)
			break;
		g_usleep((gulong)FINISH_STEP_MS * 1000);
	}
	/* Were it stuck, it would end with its terminal. */
	g_free(printer);
}
