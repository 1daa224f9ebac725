// SPDX-License-Identifier: GPL-2.0-or-later
#include "sink.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Maximum number of bytes waiting: as many as a pipe holds. */
#define WAITING_MAX 65536

/* Limit at the end, for all sinks together. */
#define FINISH_LIMIT_US G_GINT64_CONSTANT(500000)

typedef struct {
	FILE **place; /* whose stream it is */
	FILE *before;
	SinkNote *note;
	GThread *thread; /* NULL before sink_start(), or if it could not be created (ulimit -u) */
	GMutex lock;	 /* protects what follows */
	GCond changed;
	GQueue texts; /* GBytes * */
	gsize waiting;
	guint left_out; /* number of lines, since the last text */
	gboolean ending;
	gboolean ended;
} Sink;

static GPtrArray *sinks;

static guint count_lines(const char *data, gsize size)
{
	guint lines = 0;

	for (gsize i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

/* Waits for as long as it takes. */
static void write_all(int fd, const char *data, gsize size)
{
	while (size > 0) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		gssize written = write(fd, data, size);

		if (written > 0) {
			data += written;
			size -= (gsize)written;
		} else if (written < 0 && errno == EAGAIN) {
			/* Whoever shares the open file description has made it non-blocking. */
			(void)poll(&ready, 1, -1);
		} else if (written == 0 || errno != EINTR) {
			return;
		}
	}
}

/* The next text, NULL if there is none at the moment. */
static GBytes *take_text(Sink *sink)
{
	GBytes *text = g_queue_pop_head(&sink->texts);
	char *line;

	if (text) {
		sink->waiting -= g_bytes_get_size(text);
	} else if (sink->left_out > 0) {
		line = sink->note(sink->left_out);
		sink->left_out = 0;
		text = g_bytes_new_take(line, strlen(line));
	}
	return text;
}

static gpointer write_texts(gpointer data)
{
	Sink *sink = data;
	int fd = fileno(sink->before);
	GBytes *text;

	g_mutex_lock(&sink->lock);
	while ((text = take_text(sink)) || !sink->ending) {
		if (!text) {
			g_cond_wait(&sink->changed, &sink->lock);
			continue;
		}
		g_mutex_unlock(&sink->lock);
		write_all(fd, g_bytes_get_data(text, NULL), g_bytes_get_size(text));
		g_bytes_unref(text);
		g_mutex_lock(&sink->lock);
	}
	sink->ended = TRUE;
	g_cond_broadcast(&sink->changed);
	g_mutex_unlock(&sink->lock);
	return NULL;
}

/* Used without a thread: a pipe that polls as writable takes PIPE_BUF bytes without blocking
 * (pipe(7)). */
static gboolean write_at_once(const Sink *sink, const char *data, gsize size)
{
	struct pollfd ready = { .fd = fileno(sink->before), .events = POLLOUT };

	if (sink->thread || sink->waiting > 0 || size > PIPE_BUF || poll(&ready, 1, 0) <= 0)
		return FALSE;
	write_all(ready.fd, data, size);
	return TRUE;
}

/* cookie_write_function_t: the contents of the stream's buffer, mostly whole lines. */
static ssize_t take(void *cookie, const char *data, size_t size)
{
	Sink *sink = cookie;

	g_mutex_lock(&sink->lock);
	/* Until the writer has reported this, later lines are left out too: lines stay in order. */
	if (sink->left_out > 0 || sink->waiting + size > WAITING_MAX) {
		sink->left_out += count_lines(data, size);
	} else if (!write_at_once(sink, data, size)) {
		g_queue_push_tail(&sink->texts, g_bytes_new(data, size));
		sink->waiting += size;
	}
	g_cond_broadcast(&sink->changed);
	g_mutex_unlock(&sink->lock);
	return (ssize_t)size;
}

void sink_take_over(FILE **stream, SinkNote *note)
{
	const cookie_io_functions_t functions = { .write = take };
	Sink *sink = g_new0(Sink, 1);
	FILE *own = fopencookie(sink, "w", functions);

	if (!own) {
		g_free(sink);
		return;
	}
	fflush(*stream);
	setvbuf(own, NULL, _IOLBF, BUFSIZ);
	sink->place = stream;
	sink->before = *stream;
	sink->note = note;
	g_mutex_init(&sink->lock);
	g_cond_init(&sink->changed);
	g_queue_init(&sink->texts);
	*stream = own;
	if (!sinks)
		sinks = g_ptr_array_new();
	g_ptr_array_add(sinks, sink);
}

static void start_thread(gpointer data, gpointer unused G_GNUC_UNUSED)
{
	Sink *sink = data;

	if (!sink->thread)
		sink->thread = g_thread_try_new("sink", write_texts, sink, NULL);
}

void sink_start(void)
{
	if (sinks)
		g_ptr_array_foreach(sinks, start_thread, NULL);
}

static void say_end(gpointer data, gpointer unused G_GNUC_UNUSED)
{
	Sink *sink = data;

	fflush(*sink->place);
	g_mutex_lock(&sink->lock);
	sink->ending = TRUE;
	g_cond_broadcast(&sink->changed);
	g_mutex_unlock(&sink->lock);
}

static void wait_for_end(Sink *sink, gint64 deadline)
{
	gboolean ended;

	g_mutex_lock(&sink->lock);
	while (sink->thread && !sink->ended &&
	       g_cond_wait_until(&sink->changed, &sink->lock, deadline))
		;
	ended = sink->ended;
	g_mutex_unlock(&sink->lock);
	if (!ended)
		return; /* not closed: *place still prints to it */
	g_thread_join(sink->thread);
	fclose(*sink->place);
	*sink->place = sink->before;
	g_mutex_clear(&sink->lock);
	g_cond_clear(&sink->changed);
	g_free(sink);
}

void sink_finish(void)
{
	gint64 deadline = g_get_monotonic_time() + FINISH_LIMIT_US;

	if (!sinks)
		return;
	sink_start();
	g_ptr_array_foreach(sinks, say_end, NULL);
	for (guint i = 0; i < sinks->len; i++)
		wait_for_end(g_ptr_array_index(sinks, i), deadline);
	g_clear_pointer(&sinks, g_ptr_array_unref);
}
