// SPDX-License-Identifier: GPL-2.0-or-later
#include "loop.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

#include "broker_session.h"
#include "clock.h"
#include "detached.h"
#include "follow.h"
#include "monotonic.h"
#include "pace.h"
#include "point_filter.h"
#include "remotes.h"
#include "signals.h"

/* Even when asleep, it wakes ten times a second to sample the clock. */
#define TICK_MS	       100
#define TICKS_A_SECOND 10

/* A GSource that looks at the inputs when that is due, or when one of them wakes us. GLib's own
 * would cost two system calls and an iteration of the loop for each change of its time. */
typedef struct {
	GSource source;
	GPtrArray *fds; /* tags of the inputs' descriptors */
	gint64 due;	/* monotonic, in us; or NEVER */
} Rounds;

#define NEVER G_MAXINT64

typedef struct {
	const LoopTask *task;
	LoopEnd *end;
	GMainLoop *main;
	Rounds *rounds;
	guint output_source; /* watches the output: it takes more, or has gone away */
	Pace pace;
	gboolean looked_again; /* since the inputs were armed */
	guint ticks;
	guint64 alive;	  /* when standard input brought something; monotonic, in ns */
	gboolean blocked; /* the output takes nothing at the moment */
} Loop;

static void stop(const Loop *loop, const char *why)
{
	g_info("capture ends: %s", why);
	g_main_loop_quit(loop->main);
}

static gboolean on_output(gint fd, GIOCondition condition, gpointer data);

/* Watches the output. If it is blocked, for room; always for its reader going away, which without
 * traffic no write would notice. */
static void watch_output(Loop *loop)
{
	int fd = output_fd(loop->task->pump->output);

	g_clear_handle_id(&loop->output_source, g_source_remove);
	if (fd >= 0)
		loop->output_source = g_unix_fd_add(
			fd, (loop->blocked ? G_IO_OUT : 0) | G_IO_ERR | G_IO_HUP, on_output, loop);
}

/* Changes what watch_output() waits for. */
static void set_blocked(Loop *loop, gboolean blocked)
{
	if (blocked == loop->blocked)
		return;
	loop->blocked = blocked;
	watch_output(loop);
}

/* Handles a state in which nothing more can be written for now. FALSE if it is not one. */
static gboolean take_end(Loop *loop, PumpState state)
{
	static const char *const reasons[] = {
		[PUMP_COUNTED] = "as many packets as --count says",
		[PUMP_FILES] = "as many files as -W says",
		[PUMP_CLOSED] = "the reader of the output has gone away",
		[PUMP_FAILED] = "the output failed",
	};

	loop->end->closed |= state == PUMP_CLOSED;
	if (state < PUMP_COUNTED)
		set_blocked(loop, state == PUMP_BLOCKED);
	else
		stop(loop, reasons[state]);
	return state >= PUMP_BLOCKED;
}

static gboolean rounds_prepare(GSource *source, gint *timeout)
{
	gint64 due = ((const Rounds *)source)->due;
	gint64 left = due == NEVER ? 0 : due - g_get_monotonic_time();

	*timeout = due == NEVER ? -1 : (gint)CLAMP((left + 999) / 1000, 0, G_MAXINT);
	return due != NEVER && left <= 0;
}

static gboolean rounds_check(GSource *source)
{
	const Rounds *rounds = (const Rounds *)source;

	for (guint i = 0; i < rounds->fds->len; i++)
		if (g_source_query_unix_fd(source, g_ptr_array_index(rounds->fds, i)) != 0)
			return TRUE;
	return rounds->due != NEVER && rounds->due <= g_get_monotonic_time();
}

static void schedule_round(const Loop *loop, guint wait_us)
{
	/* By then the ring may have filled up. */
	if (wait_us > PACE_MIN)
		inputs_set_alarms(loop->task->pump->inputs);
	loop->rounds->due = g_get_monotonic_time() + wait_us;
}

/* No packets came: waits for longer and longer, and finally sleeps until an input wakes us. */
static void wait_for_packets(Loop *loop)
{
	const GPtrArray *inputs = loop->task->pump->inputs;
	guint wait = pace_wait_empty(&loop->pace);

	if (!pace_is_quiet(&loop->pace)) {
		loop->looked_again = FALSE;
		schedule_round(loop, wait);
		return;
	}
	inputs_arm(inputs);
	/* Packets that came before inputs_arm() have woken nobody, and a program may not have seen
	 * it yet, for as long as its processor holds back a store. One look right away and one a
	 * moment later find both. */
	if (inputs_pending(inputs) || !loop->looked_again)
		schedule_round(loop, PACE_MIN);
	loop->looked_again = TRUE;
}

static gboolean on_round(gpointer data)
{
	Loop *loop = data;
	const Pump *pump = loop->task->pump;
	PumpState state;

	loop->rounds->due = NEVER;
	inputs_acknowledge(pump->inputs);
	if (loop->blocked)
		return G_SOURCE_CONTINUE; /* on_output() will go on */
	state = pump_round(pump, &loop->end->failure);
	if (take_end(loop, state))
		return G_SOURCE_CONTINUE;
	if (state == PUMP_EMPTY) {
		wait_for_packets(loop);
	} else if (state == PUMP_MORE) {
		schedule_round(loop, 0);
	} else {
		schedule_round(loop, pace_wait(&loop->pace, inputs_load(pump->inputs)));
	}
	return G_SOURCE_CONTINUE;
}

static gboolean on_output(gint fd G_GNUC_UNUSED, GIOCondition condition, gpointer data)
{
	Loop *loop = data;

	if (condition & (G_IO_ERR | G_IO_HUP)) {
		loop->end->closed = TRUE;
		loop->output_source = 0;
		stop(loop, "the reader of the output has gone away");
		return G_SOURCE_REMOVE;
	}
	if (!take_end(loop, pump_flush(loop->task->pump, &loop->end->failure)))
		schedule_round(loop, 0);
	return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	int number = signals_take(fd);

	if (number != 0)
		stop(data, g_strsignal(number));
	return G_SOURCE_CONTINUE;
}

/* There may be new devices for whose packets the filter was not made. */
static void review_filter(const LoopTask *task, guint session, const Point *point)
{
	GLogLevelFlags level;
	g_autofree char *line =
		point_filter_review(g_ptr_array_index(task->filters, session), point, &level);

	if (line)
		report_message(level, line, (gpointer)task->report);
}

/* The number that xdpshark-hookd knows it by. */
static guint number_of(const LoopTask *task, guint session)
{
	return broker_session_number(g_ptr_array_index(task->sessions, session));
}

/* Handles the news of a session's point. FALSE if the capture cannot go on. */
static gboolean take_news_of(const Loop *loop, guint session, SessionNews *news)
{
	const LoopTask *task = loop->task;
	guint64 from;
	Point *point;

	detached_take(g_ptr_array_index(task->detached, session), &news->attachment);
	point = follow_news(g_ptr_array_index(task->follows, session),
			    g_ptr_array_index(task->sessions, session),
			    stream_point(task->pump->stream, session), news, &from,
			    &loop->end->end);
	if (point) {
		review_filter(task, session, point);
		stream_update_point(task->pump->stream, session, point, from);
	}
	return loop->end->end == NULL;
}

static gboolean take_news(const Loop *loop, const GPtrArray *all)
{
	const LoopTask *task = loop->task;
	guint sessions = task->sessions->len;

	for (guint i = 0; i < sessions; i++) {
		guint number = number_of(task, i);

		if (number < all->len && !take_news_of(loop, i, g_ptr_array_index(all, number)))
			return FALSE;
	}
	for (guint i = 0; i < all->len; i++) {
		const SessionNews *news = g_ptr_array_index(all, i);

		if (news->newcomers)
			adoption_add(loop->task->adoption, news->newcomers);
	}
	return TRUE;
}

/* Handles the answer to broker_look(). */
static gboolean take_look(const Loop *loop, GError **error)
{
	g_autoptr(GPtrArray) news = broker_take_news(loop->task->broker, error);

	return news && take_news(loop, news);
}

/* FALSE with error if xdpshark-hookd has ended, or if the capture cannot go on. */
static gboolean take_answer(Loop *loop, GError **error)
{
	const LoopTask *task = loop->task;

	if (broker_asked(task->broker) == BROKER_CHANGING)
		return session_changes_answered(task->changes, error);
	if (broker_asked(task->broker) != BROKER_OPENING)
		return take_look(loop, error);
	if (!adoption_answered(task->adoption, error))
		return FALSE;
	/* Its packets are to wake us, too. */
	if (!loop->blocked)
		schedule_round(loop, 0);
	return TRUE;
}

/* xdpshark-hookd never speaks unasked: this is the answer to what was asked, or it was killed. */
static gboolean on_broker(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
			  gpointer data)
{
	Loop *loop = data;
	g_autoptr(GError) error = NULL;

	if (take_answer(loop, &error)) {
		if (loop->task->changes)
			session_changes_continue(loop->task->changes);
		adoption_continue(loop->task->adoption);
		return G_SOURCE_CONTINUE;
	}
	if (g_error_matches(error, BROKER_ERROR, BROKER_ERROR_SILENT))
		loop->end->end = g_steal_pointer(&error);
	else if (!loop->end->end)
		g_set_error(&loop->end->end, BROKER_ERROR, BROKER_ERROR_FAILED,
			    "xdpshark-hookd was killed, and so the capture has ended: what it "
			    "left in a hook's slots the next capture removes");
	stop(loop, loop->end->end->message);
	return G_SOURCE_REMOVE;
}

/* The wall clock was stepped: packets get the new time from now on. */
static gboolean on_clock_step(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	const Loop *loop = data;
	guint64 expirations;

	clock_sample(loop->task->pump->clock);
	/* The read fails with ECANCELED and rearms the timer for the next step. */
	return read(fd, &expirations, sizeof(expirations)) < 0 || expirations > 0;
}

static gboolean on_duration(gpointer data)
{
	stop(data, "the time that --duration says is over");
	return G_SOURCE_REMOVE;
}

static void do_second(const Loop *loop)
{
	const LoopTask *task = loop->task;
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(guint));
	guint session;

	if (task->each_second)
		report_counts(task->report, task->pump, FALSE);
	/* Packets came from a device that was not there at the start. */
	while (stream_wants_point(task->pump->stream, &session)) {
		guint number = number_of(task, session);

		g_array_append_val(wanted, number);
	}
	if (task->sessions->len > 0)
		broker_look(task->broker, wanted);
	remotes_check(task->remotes);
}

/* Whoever reads the capture on another host keeps it alive, and may change it. */
static gboolean on_input(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	Loop *loop = data;
	char bytes[256];
	gssize length = read(fd, bytes, sizeof(bytes));

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	loop->alive = monotonic_now();
	if (length > 0 && loop->task->control)
		control_take(loop->task->control, bytes, (gsize)length);
	if (length > 0)
		return G_SOURCE_CONTINUE;
	stop(loop, "standard input has ended (--alive)");
	return G_SOURCE_REMOVE;
}

/* The connection to whoever reads it is dead, and takes nothing any more. */
static void check_alive(Loop *loop)
{
	gdouble silent = (gdouble)(monotonic_now() - loop->alive) / 1e9;

	if (loop->task->alive <= 0 || silent < loop->task->alive)
		return;
	loop->end->closed = TRUE;
	stop(loop, "standard input has brought nothing for as long as --alive says");
}

/* An answer that came while names were asked for. */
static void take_kept_answer(Loop *loop)
{
	if (broker_has_answer(loop->task->broker))
		on_broker(-1, G_IO_IN, loop);
}

static gboolean on_tick(gpointer data)
{
	Loop *loop = data;
	const Pump *pump = loop->task->pump;

	clock_sample(pump->clock);
	if (pump->copy)
		copy_take(pump->copy, pump->output);
	/* Makes up for a wake-up that was lost between the last look and the sleep. */
	if (!loop->blocked &&
	    (inputs_pending(pump->inputs) || (pump->rotation && rotation_is_over(pump->rotation))))
		schedule_round(loop, 0);
	if (!loop->blocked && output_is_due(pump->output))
		(void)take_end(loop, pump_flush(pump, &loop->end->failure));
	if (loop->task->parent > 0 && getppid() != loop->task->parent)
		stop(loop, "the process that started it has ended");
	take_kept_answer(loop);
	if (loop->task->sessions->len == 0 && remotes_have_ended(loop->task->remotes) &&
	    !inputs_pending(pump->inputs))
		stop(loop, "all hosts have ended their captures");
	check_alive(loop);
	if (++loop->ticks % TICKS_A_SECOND == 0)
		do_second(loop);
	return G_SOURCE_CONTINUE;
}

static gboolean dispatch(GSource *source G_GNUC_UNUSED, GSourceFunc callback, gpointer data)
{
	return callback(data);
}

static GSourceFuncs timer_functions = { .dispatch = dispatch };

static void start_rounds(Loop *loop)
{
	static GSourceFuncs functions = {
		.prepare = rounds_prepare,
		.check = rounds_check,
		.dispatch = dispatch,
	};
	GSource *source = g_source_new(&functions, sizeof(Rounds));
	const GPtrArray *inputs = loop->task->pump->inputs;

	loop->rounds = (Rounds *)source;
	loop->rounds->due = 0;
	loop->rounds->fds = g_ptr_array_new();
	for (guint i = 0; i < inputs->len; i++) {
		const Input *input = g_ptr_array_index(inputs, i);

		g_ptr_array_add(loop->rounds->fds,
				g_source_add_unix_fd(source, input->type->fd(input), G_IO_IN));
	}
	pace_init(&loop->pace);
	/* It never recurses, but otherwise GLib wakes itself twice for each call. */
	g_source_set_can_recurse(source, TRUE);
	g_source_set_callback(source, on_round, loop, NULL);
	g_source_attach(source, NULL);
}

/* GLib's own timeouts are limited to 50 days; a ready time is not. */
static guint start_duration(Loop *loop)
{
	GSource *source = g_source_new(&timer_functions, sizeof(GSource));
	guint id;

	g_source_set_callback(source, on_duration, loop, NULL);
	g_source_set_ready_time(source, g_get_monotonic_time() +
						(gint64)(loop->task->duration * G_USEC_PER_SEC));
	id = g_source_attach(source, NULL);
	g_source_unref(source);
	return id;
}

/* The source may have removed itself. */
static void remove_source(guint id)
{
	if (id > 0 && g_main_context_find_source_by_id(NULL, id))
		g_source_remove(id);
}

void loop_run(const LoopTask *task, LoopEnd *ret_end)
{
	Loop loop = { .task = task, .end = ret_end, .alive = monotonic_now() };
	int step_fd = clock_step_fd(task->pump->clock), broker = broker_fd(task->broker);
	guint sources[] = {
		g_timeout_add(TICK_MS, on_tick, &loop),
		g_unix_fd_add(task->signal_fd, G_IO_IN, on_signal, &loop),
		broker >= 0 ? g_unix_fd_add(broker, G_IO_IN | G_IO_HUP | G_IO_ERR, on_broker, &loop)
			    : 0,
		task->alive > 0 ? g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR,
						on_input, &loop)
				: 0,
		step_fd >= 0 ? g_unix_fd_add_full(G_PRIORITY_HIGH, step_fd, G_IO_IN, on_clock_step,
						  &loop, NULL)
			     : 0,
		task->duration > 0 ? start_duration(&loop) : 0,
	};

	loop.main = g_main_loop_new(NULL, FALSE);
	start_rounds(&loop);
	watch_output(&loop);
	/* Write the head of the file. The output may fail or close already. */
	if (!take_end(&loop, pump_flush(task->pump, &ret_end->failure)) || loop.blocked)
		g_main_loop_run(loop.main);
	g_source_destroy(&loop.rounds->source);
	g_ptr_array_unref(loop.rounds->fds);
	g_source_unref(&loop.rounds->source);
	g_clear_handle_id(&loop.output_source, g_source_remove);
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		remove_source(sources[i]);
	g_main_loop_unref(loop.main);
}
