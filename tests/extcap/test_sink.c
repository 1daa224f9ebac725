/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sinks: who prints never waits, what is read is whole lines in order, and what is missing is
 * counted. */
#include "sink.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES 20000

static char *note(guint lines)
{
	return g_strdup_printf("gap %u\n", lines);
}

/* A pipe's two ends; the writing one as a stream. */
static FILE *pipe_open(int *reader)
{
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	*reader = ends[0];
	return fdopen(ends[1], "w");
}

static void fill(int fd)
{
	static const char dots[4096];

	g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
	while (write(fd, dots, sizeof(dots)) > 0)
		;
	g_assert_cmpint(fcntl(fd, F_SETFL, 0), ==, 0);
}

static void print_lines(FILE *stream)
{
	for (int i = 0; i < LINES; i++)
		fprintf(stream, "line %d\n", i);
}

/* Reads all to the end in a thread. */
static gpointer read_all(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);
	GString *text = g_string_new(NULL);
	char piece[4096];
	gssize got;

	while ((got = read(fd, piece, sizeof(piece))) > 0)
		g_string_append_len(text, piece, got);
	close(fd);
	return g_string_free(text, FALSE);
}

/* Every line, or the number of those that are not there. */
static void check_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint next = 0, number;

	for (char **line = lines; **line; line++) {
		if (sscanf(*line, "gap %u", &number) == 1) {
			next += number;
			continue;
		}
		g_assert_cmpint(sscanf(*line, "line %u", &number), ==, 1);
		g_assert_cmpuint(number, ==, next++);
	}
	g_assert_cmpuint(next, ==, LINES);
}

static void test_read(gconstpointer started)
{
	int reader;
	FILE *stream = pipe_open(&reader), *before = stream;
	GThread *thread = g_thread_new("reader", read_all, GINT_TO_POINTER(reader));
	g_autofree char *text = NULL;

	sink_take_over(&stream, note);
	g_assert_true(stream != before);
	if (started)
		sink_start();
	print_lines(stream);
	sink_finish();
	g_assert_true(stream == before);
	fclose(stream);
	text = g_thread_join(thread);
	check_lines(text);
}

/* Nobody reads: printing and the end do not wait. */
static void test_full(gconstpointer started)
{
	int reader;
	FILE *stream = pipe_open(&reader);
	gint64 begin = g_get_monotonic_time();

	fill(fileno(stream));
	sink_take_over(&stream, note);
	if (started)
		sink_start();
	print_lines(stream);
	sink_finish();
	/* Still not waited for. */
	print_lines(stream);
	g_assert_cmpint(g_get_monotonic_time() - begin, <, G_GINT64_CONSTANT(20) * G_USEC_PER_SEC);
}

/* The reader comes late: what was kept is there, then what is missing is counted. */
static void test_late(void)
{
	int reader;
	FILE *stream = pipe_open(&reader), *own = stream;
	GThread *thread;
	g_autofree char *text = NULL;
	const char *lines;

	fill(fileno(stream));
	sink_take_over(&stream, note);
	sink_start();
	print_lines(stream);
	thread = g_thread_new("reader", read_all, GINT_TO_POINTER(dup(reader)));
	close(reader);
	sink_finish();
	fclose(own);
	text = g_thread_join(thread);
	/* The pipe was full of zeros. */
	g_assert_cmpuint(strlen(text), ==, 0);
	for (lines = text; *lines == '\0'; lines++)
		;
	check_lines(lines);
	g_assert_nonnull(strstr(lines, "gap "));
}

static void test_reader_gone(void)
{
	int reader;
	FILE *stream = pipe_open(&reader);

	close(reader);
	sink_take_over(&stream, note);
	sink_start();
	print_lines(stream);
	sink_finish();
	fclose(stream);
}

static void test_two(void)
{
	int full, reader;
	FILE *stuck = pipe_open(&full), *stream = pipe_open(&reader);
	GThread *thread = g_thread_new("reader", read_all, GINT_TO_POINTER(reader));
	g_autofree char *text = NULL;

	fill(fileno(stuck));
	sink_take_over(&stuck, note);
	sink_take_over(&stream, note);
	sink_start();
	for (int i = 0; i < LINES; i++) {
		fprintf(stuck, "line %d\n", i);
		fprintf(stream, "line %d\n", i);
	}
	sink_finish();
	fclose(stream);
	text = g_thread_join(thread);
	check_lines(text);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	signal(SIGPIPE, SIG_IGN);
	g_test_add_data_func("/sink/read/started", GINT_TO_POINTER(TRUE), test_read);
	g_test_add_data_func("/sink/read/unstarted", NULL, test_read);
	g_test_add_data_func("/sink/full/started", GINT_TO_POINTER(TRUE), test_full);
	g_test_add_data_func("/sink/full/unstarted", NULL, test_full);
	g_test_add_func("/sink/late", test_late);
	g_test_add_func("/sink/reader-gone", test_reader_gone);
	g_test_add_func("/sink/two", test_two);
	return g_test_run();
}
