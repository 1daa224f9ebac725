// SPDX-License-Identifier: GPL-2.0-or-later
#include "stat_run.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privilege.h"
#include "report.h"
#include "signals.h"
#include "sink.h"
#include "status.h"

typedef struct {
	const StatTask *task;
	const Tally *tally;
	GMainLoop *main;
	GSource *timer;
	gint64 due; /* monotonic, in us: the end of the interval */
	gint64 end; /* likewise, of the duration; 0: none */
	guint64 intervals;
	int signal_fd;
	GError *failure;
} Run;

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT, 0 };

void stat_report(GLogLevelFlags level, const char *text, gpointer data)
{
	const StatTask *task = data;
	Report report = { .json = task->json };

	if (task->view->type->message && level <= G_LOG_LEVEL_MESSAGE)
		task->view->type->message(task->view, text);
	else
		report_message(level, text, &report);
}

static void stop(Run *run, GError *failure)
{
	if (!run->failure)
		run->failure = failure;
	else
		g_clear_error(&failure);
	g_main_loop_quit(run->main);
}

static void show(Run *run, ViewMoment moment)
{
	GError *error = NULL;

	if (moment != VIEW_AGAIN)
		run->tally = counting_look(run->task->counting);
	if (!run->task->view->type->show(run->task->view, run->tally, moment, &error))
		stop(run, error);
}

/* The last interval is shown when the programs have been taken away: its counts are exact. */
static gboolean on_time(gpointer data)
{
	Run *run = data;
	gint64 now = g_get_monotonic_time();
	gint64 step = (gint64)(run->task->interval * G_USEC_PER_SEC);

	if (run->end > 0 && now >= run->end) {
		g_main_loop_quit(run->main);
		return G_SOURCE_CONTINUE;
	}
	if (now >= run->due) {
		run->intervals++;
		if (run->task->count > 0 && run->intervals >= run->task->count) {
			g_main_loop_quit(run->main);
			return G_SOURCE_CONTINUE;
		}
		show(run, VIEW_INTERVAL);
		/* The machine may have slept. */
		run->due += step * (1 + (now - run->due) / step);
	}
	g_source_set_ready_time(run->timer, run->end > 0 ? MIN(run->due, run->end) : run->due);
	return G_SOURCE_CONTINUE;
}

static gboolean on_second(gpointer data)
{
	counting_ask(((const Run *)data)->task->counting);
	return G_SOURCE_CONTINUE;
}

static gboolean on_broker(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
			  gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (counting_take_news(run->task->counting, &error))
		return G_SOURCE_CONTINUE;
	stop(run, error);
	return G_SOURCE_REMOVE;
}

static gboolean is_stream(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && !S_ISREG(status.st_mode);
}

static char *format_gap(guint lines)
{
	return g_strdup_printf("xdpshark: %u lines are left out here: nobody has read them in "
			       "time\n",
			       lines);
}

static char *format_gap_json(guint lines)
{
	g_autofree char *text =
		g_strdup_printf("%u lines are left out here: nobody has read them in time", lines);
	g_autofree char *line = status_format_message(text);

	return g_strconcat(line, "\n", NULL);
}

/* The next frame shows everything. */
static char *format_no_gap(guint lines G_GNUC_UNUSED)
{
	return g_strdup("");
}

/* Nobody is waited for who reads slowly. A file is never slow, and may fail. */
static void prepare_output(const StatTask *task)
{
	Report report = { .json = task->json };

	report_never_wait(&report);
	if (is_stream(STDOUT_FILENO))
		sink_take_over(&stdout, task->view->type->key ? format_no_gap
					: task->json	      ? format_gap_json
							      : format_gap);
}

/* Without its settings, the shell would get a terminal that shows nothing of what is typed. */
static void suspend(const StatTask *task)
{
	if (task->view->type->leave)
		task->view->type->leave(task->view);
	sink_finish();
	raise(SIGSTOP);
	prepare_output(task);
	sink_start();
}

static gboolean on_signal(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	Run *run = data;
	const StatTask *task = run->task;
	int number = signals_take(fd);

	if (number == SIGTSTP) {
		suspend(task);
	} else if (number == SIGCONT && task->view->type->enter) {
		task->view->type->enter(task->view);
		show(run, VIEW_AGAIN);
	} else if (number == SIGWINCH) {
		show(run, VIEW_AGAIN);
	} else if (number != 0 && number != SIGCONT) {
		g_main_loop_quit(run->main);
	}
	return G_SOURCE_CONTINUE;
}

static gboolean on_key(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	Run *run = data;
	char key;

	if (read(fd, &key, 1) != 1)
		return G_SOURCE_REMOVE;
	if (!run->task->view->type->key(run->task->view, key))
		g_main_loop_quit(run->main);
	return G_SOURCE_CONTINUE;
}

/* Who reads standard output has gone away. */
static gboolean on_output(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
			  gpointer data)
{
	g_main_loop_quit(((const Run *)data)->main);
	return G_SOURCE_REMOVE;
}

static gboolean dispatch(GSource *source G_GNUC_UNUSED, GSourceFunc callback, gpointer data)
{
	return callback(data);
}

static void start_timer(Run *run)
{
	static GSourceFuncs functions = { .dispatch = dispatch };
	gint64 now = g_get_monotonic_time();

	run->due = now + (gint64)(run->task->interval * G_USEC_PER_SEC);
	if (run->task->duration > 0)
		run->end = now + (gint64)(run->task->duration * G_USEC_PER_SEC);
	run->timer = g_source_new(&functions, sizeof(GSource));
	g_source_set_callback(run->timer, on_time, run, NULL);
	g_source_set_ready_time(run->timer, run->end > 0 ? MIN(run->due, run->end) : run->due);
	g_source_attach(run->timer, NULL);
}

/* Sources may have removed themselves. */
static void remove_source(guint id)
{
	if (id > 0 && g_main_context_find_source_by_id(NULL, id))
		g_source_remove(id);
}

static void run_loop(Run *run)
{
	const StatTask *task = run->task;
	gboolean keys = task->view->type->key && isatty(STDIN_FILENO);
	guint sources[] = {
		g_timeout_add_seconds(1, on_second, run),
		g_unix_fd_add(run->signal_fd, G_IO_IN, on_signal, run),
		g_unix_fd_add(broker_fd(task->broker), G_IO_IN | G_IO_HUP | G_IO_ERR, on_broker,
			      run),
		keys ? g_unix_fd_add(STDIN_FILENO, G_IO_IN, on_key, run) : 0,
		is_stream(STDOUT_FILENO) && !task->files
			? g_unix_fd_add(STDOUT_FILENO, G_IO_ERR | G_IO_HUP, on_output, run)
			: 0,
	};

	start_timer(run);
	show(run, VIEW_BEGIN);
	if (!run->failure)
		g_main_loop_run(run->main);
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		remove_source(sources[i]);
	g_source_destroy(run->timer);
	g_source_unref(run->timer);
}

/* Counters are all that is read from here on. */
static gboolean drop_privileges(const StatTask *task, GError **error)
{
	PrivilegeAccount account;

	if (!task->files)
		return privilege_find_account(NULL, &account, error) &&
		       privilege_drop(&account, error);
	return privilege_keep_files(error);
}

gboolean stat_run(const StatTask *task, GError **error)
{
	Run run = { .task = task };
	GError *end = NULL;

	run.main = g_main_loop_new(NULL, FALSE);
	run.signal_fd = signals_open(signals);
	broker_set_cancel(task->broker, run.signal_fd);
	prepare_output(task);
	if (drop_privileges(task, &run.failure)) {
		sink_start();
		if (counting_attach(task->counting, &run.failure)) {
			run_loop(&run);
			counting_detach(task->counting, &end);
			show(&run, VIEW_END);
		}
	}
	broker_set_cancel(task->broker, -1);
	signals_close(run.signal_fd);
	g_main_loop_unref(run.main);
	if (run.failure)
		g_clear_error(&end);
	if (!run.failure && !end)
		return TRUE;
	g_propagate_error(error, run.failure ? run.failure : end);
	return FALSE;
}
