// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sink.h"
#include "terminal.h"

typedef struct {
	FILE *file;
	GLogLevelFlags level;
	gboolean verbose;
} Log;

static struct {
	LogObserver *func;
	gpointer data;
	GThread *thread;
	gboolean busy; /* it logs itself */
} observer;

void log_observe(LogObserver *func, gpointer data)
{
	observer.func = func;
	observer.data = data;
	observer.thread = g_thread_self();
}

static void inform_observer(GLogLevelFlags level, const char *line)
{
	if (!observer.func || observer.busy || g_thread_self() != observer.thread)
		return;
	observer.busy = TRUE;
	observer.func(level, line, observer.data);
	observer.busy = FALSE;
}

static const char *level_name(GLogLevelFlags level)
{
	static const struct {
		GLogLevelFlags level;
		const char *name;
	} names[] = {
		{ G_LOG_LEVEL_ERROR, "error" },	    { G_LOG_LEVEL_CRITICAL, "critical" },
		{ G_LOG_LEVEL_WARNING, "warning" }, { G_LOG_LEVEL_MESSAGE, "message" },
		{ G_LOG_LEVEL_INFO, "info" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (level & names[i].level)
			return names[i].name;
	return "debug";
}

static void write_message(const gchar *domain G_GNUC_UNUSED, GLogLevelFlags level,
			  const gchar *message, gpointer data)
{
	const Log *log = data;

	level &= G_LOG_LEVEL_MASK;
	/* This is a bug of ours: always print it. */
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
		g_printerr("xdpshark: %s\n", message);
	if (level & G_LOG_LEVEL_ERROR)
		sink_finish(); /* GLib ends the process */
	if (level > log->level)
		return;
	if (log->verbose)
		g_printerr("xdpshark: %s\n", message);
	if (log->file || observer.func) {
		g_autoptr(GDateTime) now = g_date_time_new_now_utc();
		g_autofree char *time = g_date_time_format_iso8601(now);
		g_autofree char *line = g_strdup_printf("%s [%d] %s: %s\n", time, getpid(),
							level_name(level), message);

		if (log->file) {
			terminal_print(log->file, "%s", line);
			fflush(log->file);
		}
		inform_observer(level, line);
	}
}

static char *format_gap(guint lines)
{
	return g_strdup_printf("%u lines are left out here: they could not be written in time\n",
			       lines);
}

void log_begin(gboolean verbose)
{
	static const Log quiet = { .level = G_LOG_LEVEL_WARNING };
	static const Log loud = { .level = G_LOG_LEVEL_WARNING, .verbose = TRUE };

	g_log_set_default_handler(write_message, (gpointer)(verbose ? &loud : &quiet));
}

gboolean log_open(const char *path, GLogLevelFlags level, gboolean verbose, GError **error)
{
	Log *log = g_new0(Log, 1); /* GLib's until the process ends */
	int fd;

	log->level = level;
	log->verbose = verbose;
	g_log_set_default_handler(write_message, log);
	if (!path)
		return TRUE;
	/* Only for the user who captures: it names filters, hooks and addresses. Do not wait for
	 * the reader of a FIFO. */
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	log->file = fd >= 0 ? fdopen(fd, "a") : NULL;
	if (log->file) {
		sink_take_over(&log->file, format_gap);
		return TRUE;
	}
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
		    "cannot open the log file %s: %s", path, g_strerror(errno));
	return FALSE;
}
