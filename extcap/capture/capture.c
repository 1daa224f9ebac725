// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "broker.h"
#include "clock.h"
#include "filter.h"
#include "follow.h"
#include "hook.h"
#include "monotonic.h"
#include "netmask.h"
#include "pcapng.h"
#include "privilege.h"
#include "pump.h"
#include "reader.h"
#include "session_call.h"
#include "status.h"
#include "stream.h"

/* Bytes of a filter in an error. */
#define FILTER_SHOWN 60

/* While packets come, the reader looks at the rings this often; after so many empty looks it asks
 * to be woken, and sleeps. Waking it for each packet would cost three quarters of the throughput.
 */
#define ROUND_INTERVAL_US 1000
#define EMPTY_ROUNDS_MAX  20

/* Asleep, it still looks ten times a second: for the clock, and to be seen alive. */
#define TICK_MS	       100
#define TICKS_A_SECOND 10

struct Capture {
	const OptionValues *options;
	GPtrArray *sessions; /* BrokerSession * */
	GPtrArray *follows;  /* Follow *, of each */
	Reader *reader;
	Clock *clock;
	Stream *stream;
	/* while it runs */
	Pump pump;
	GMainLoop *loop;
	GSource *round_source;
	gpointer round_fd;   /* tag of the reader's descriptor in round_source */
	guint output_source; /* waits for the output to take more, or to go away */
	int signal_fd;
	guint empty_rounds;
	guint ticks;
	gboolean blocked; /* the output takes nothing now */
	gboolean closed;  /* the output's reader has gone away */
	CaptureFlags flags;
	pid_t parent;
	guint64 start; /* monotonic, in ns */
	GError *failure;
	GError *end; /* why it cannot go on; what was captured is written all the same */
};

/* A line about the capture, for the user at once and for the log. */
static void tell(GLogLevelFlags level, const char *text, gpointer data)
{
	const Capture *capture = data;

	if (capture->options->json && level <= G_LOG_LEVEL_MESSAGE) {
		g_autofree char *line = status_format_message(text);

		g_printerr("%s\n", line);
	} else if (!capture->options->verbose &&
		   (level <= G_LOG_LEVEL_WARNING || !(capture->flags & CAPTURE_QUIET)) &&
		   level <= G_LOG_LEVEL_MESSAGE) {
		g_printerr("xdpshark: %s\n", text);
	}
	g_log(G_LOG_DOMAIN, level, "%s", text);
}

/* A hook may be pinned in several places. */
static gboolean is_new_hook(const Capture *capture, const Hook *hook, GError **error)
{
	for (guint i = 0; i < capture->sessions->len; i++) {
		const Hook *other = stream_hook(capture->stream, i);

		if (other->map_id != hook->map_id)
			continue;
		g_set_error(error, HOOK_ERROR, HOOK_ERROR_FAILED,
			    "%s and %s are the same hook: name it once", other->path, hook->path);
		return FALSE;
	}
	return TRUE;
}

/* Opens the hook and loads the programs. The packets' comments are made from what it returns. */
static Hook *open_hook(Capture *capture, const char *path, const char *text, gsize ring_size,
		       GError **error)
{
	const OptionValues *options = capture->options;
	g_autoptr(Hook) hook = broker_open_hook(path, error);
	g_autoptr(Filter) filter = NULL;
	BrokerSession *session;
	SessionRequest request = {
		.path = path,
		.snaplen = options->snaplen ? options->snaplen : XDPSHARK_SNAPLEN_MAX,
		.sample = options->sample,
		.rate = options->rate,
		.actions = options->actions,
		.share_foreign = options->share_foreign != 0,
		.ring_size = ring_size,
	};

	if (!hook || !is_new_hook(capture, hook, error))
		return NULL;
	filter = filter_compile(text, netmask_of_hook(hook), FILTER_OPTIMIZE_IF_QUICK, error);
	if (!filter) {
		/* Wireshark shows 1,024 bytes: the reason must be among them. */
		g_prefix_error(error, "capture filter \"%.*s%s\": ", FILTER_SHOWN, text,
			       strlen(text) > FILTER_SHOWN ? "..." : "");
		return NULL;
	}
	request.map_id = hook->map_id;
	request.filter = filter->code;
	request.filter_length = filter->length;
	session = broker_session_open(&request, error);
	if (!session)
		return NULL;
	g_ptr_array_add(capture->sessions, session);
	g_ptr_array_add(capture->follows, follow_new(options->follow != 0, tell, capture));
	return g_steal_pointer(&hook);
}

/* In the file, so that nobody takes the counts for those of all packets; NULL if they are. */
static char *describe_brakes(const OptionValues *options)
{
	GString *text = g_string_new(NULL);

	if (options->sample > 1)
		g_string_append_printf(text,
				       "sampled: one of %" G_GINT64_FORMAT " matching packets",
				       options->sample);
	if (options->rate > 0)
		g_string_append_printf(text,
				       "%slimited: at most %" G_GINT64_FORMAT
				       " packets a second on each CPU",
				       text->len ? "; " : "", options->rate);
	return g_string_free(text, text->len == 0);
}

static gboolean add_hook(Capture *capture, const char *path, const char *text, gsize ring_size,
			 GError **error)
{
	Hook *hook = open_hook(capture, path, text, ring_size, error);
	g_autofree char *comment = NULL;
	BrokerSession *session;

	if (!hook)
		return FALSE;
	comment = describe_brakes(capture->options);
	stream_add(capture->stream, hook, text, capture->options->snaplen, comment);
	session = g_ptr_array_index(capture->sessions, capture->sessions->len - 1);
	return reader_add(capture->reader, broker_session_rings(session), error);
}

Capture *capture_new(const char *const *hooks, const char *filter, const OptionValues *options,
		     GError **error)
{
	g_autoptr(Capture) capture = g_new0(Capture, 1);
	gsize ring_size = option_ring_size(options, sysconf(_SC_NPROCESSORS_ONLN),
					   g_strv_length((char **)hooks));

	capture->signal_fd = -1;
	capture->options = options;
	capture->sessions = g_ptr_array_new_with_free_func((GDestroyNotify)broker_session_free);
	capture->follows = g_ptr_array_new_with_free_func((GDestroyNotify)follow_free);
	capture->clock = clock_new();
	capture->stream = stream_new(capture->clock, options->comments,
				     options->verdict == OPTION_VERDICT_ON);
	capture->reader = reader_new(error);
	if (!capture->reader || !option_check(options, error))
		return NULL;
	for (; *hooks; hooks++)
		if (!add_hook(capture, *hooks, filter ? filter : "", ring_size, error))
			return NULL;
	return g_steal_pointer(&capture);
}

void capture_free(Capture *capture)
{
	if (!capture)
		return;
	reader_free(capture->reader);
	g_ptr_array_unref(capture->sessions);
	g_ptr_array_unref(capture->follows);
	stream_free(capture->stream);
	clock_free(capture->clock);
	g_clear_error(&capture->failure);
	g_clear_error(&capture->end);
	g_free(capture);
}

static void stop(Capture *capture, const char *why)
{
	g_info("capture ends: %s", why);
	g_main_loop_quit(capture->loop);
}

static gboolean on_output(gint fd, GIOCondition condition, gpointer data);

/* Waits for the output: to take more while it is blocked, else only for its reader's going away,
 * which no write tells while there is no traffic. */
static void watch_output(Capture *capture)
{
	int fd = output_fd(capture->pump.output);

	g_clear_handle_id(&capture->output_source, g_source_remove);
	if (fd >= 0)
		capture->output_source =
			g_unix_fd_add(fd, (capture->blocked ? G_IO_OUT : 0) | G_IO_ERR | G_IO_HUP,
				      on_output, capture);
}

/* Whether the output is blocked decides what is waited for. */
static void set_blocked(Capture *capture, gboolean blocked)
{
	if (blocked == capture->blocked)
		return;
	capture->blocked = blocked;
	watch_output(capture);
}

/* Acts on a state after which nothing more can be written now. FALSE if it is another one. */
static gboolean take_end(Capture *capture, PumpState state)
{
	static const char *const reasons[] = {
		[PUMP_COUNTED] = "as many packets as --count says",
		[PUMP_CLOSED] = "the reader of the output has gone away",
		[PUMP_FAILED] = "the output failed",
	};

	capture->closed |= state == PUMP_CLOSED;
	if (state < PUMP_COUNTED)
		set_blocked(capture, state == PUMP_BLOCKED);
	else
		stop(capture, reasons[state]);
	return state >= PUMP_BLOCKED;
}

static void schedule_round(Capture *capture, gint64 time_us, gboolean wait_for_wakeup)
{
	g_source_set_ready_time(capture->round_source, time_us);
	g_source_modify_unix_fd(capture->round_source, capture->round_fd,
				wait_for_wakeup ? G_IO_IN : 0);
}

static gboolean on_round(gpointer data)
{
	Capture *capture = data;
	gint64 next = g_get_monotonic_time() + ROUND_INTERVAL_US;
	gboolean idle = FALSE;
	PumpState state = pump_round(&capture->pump, &capture->failure);

	if (take_end(capture, state)) {
		schedule_round(capture, -1, FALSE); /* on_output() goes on */
		return G_SOURCE_CONTINUE;
	}
	switch (state) {
	case PUMP_MORE:
		next = 0;
		capture->empty_rounds = 0;
		break;
	default:
		capture->empty_rounds = 0;
		break;
	case PUMP_EMPTY:
		if (++capture->empty_rounds < EMPTY_ROUNDS_MAX)
			break;
		reader_arm(capture->reader);
		idle = !reader_pending(capture->reader);
		/* What came before the request woke nobody, and a program may have missed the
		 * request by so much as its processor holds back a store: a look at once and one a
		 * round later find that. */
		if (idle && capture->empty_rounds > EMPTY_ROUNDS_MAX)
			next = -1;
		break;
	}
	schedule_round(capture, next, idle);
	return G_SOURCE_CONTINUE;
}

static gboolean on_output(gint fd G_GNUC_UNUSED, GIOCondition condition, gpointer data)
{
	Capture *capture = data;

	if (condition & (G_IO_ERR | G_IO_HUP)) {
		capture->closed = TRUE;
		capture->output_source = 0;
		stop(capture, "the reader of the output has gone away");
		return G_SOURCE_REMOVE;
	}
	if (!take_end(capture, pump_flush(&capture->pump, &capture->failure)))
		schedule_round(capture, 0, FALSE);
	return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) == sizeof(info))
		stop(data, g_strsignal((gint)info.ssi_signo));
	return G_SOURCE_CONTINUE;
}

/* What has become of the sessions' hooks. FALSE if the capture cannot go on. */
static gboolean take_news(Capture *capture, const GPtrArray *all)
{
	for (guint i = 0; i < MIN(all->len, capture->sessions->len); i++) {
		guint64 from;
		Hook *hook = follow_news(g_ptr_array_index(capture->follows, i),
					 g_ptr_array_index(capture->sessions, i),
					 stream_hook(capture->stream, i), g_ptr_array_index(all, i),
					 &from, &capture->end);

		if (hook)
			stream_update_hook(capture->stream, i, hook, from);
		if (capture->end)
			return FALSE;
	}
	return TRUE;
}

/* xdpshark-hookd says nothing unasked: these are news, or it has been killed. */
static gboolean on_broker(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
			  gpointer data)
{
	Capture *capture = data;
	g_autoptr(GPtrArray) news = broker_take_news(broker_get(NULL), NULL);

	if (news && take_news(capture, news))
		return G_SOURCE_CONTINUE;
	if (!capture->end)
		g_set_error(&capture->end, BROKER_ERROR, BROKER_ERROR_FAILED,
			    "xdpshark-hookd was killed, and so the capture has ended: the next one "
			    "on the hook removes what is left in its slots");
	stop(capture, capture->end->message);
	return G_SOURCE_REMOVE;
}

/* The wall clock was stepped: packets from now on have the new time. */
static gboolean on_clock_step(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	const Capture *capture = data;
	guint64 expirations;

	clock_sample(capture->clock);
	/* It fails with ECANCELED, and waits for the next step after that. */
	return read(fd, &expirations, sizeof(expirations)) < 0 || expirations > 0;
}

static gboolean on_duration(gpointer data)
{
	stop(data, "the time that --duration says is over");
	return G_SOURCE_REMOVE;
}

static void sum_counts(const Capture *capture, ReaderCounts *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (guint i = 0; i < capture->sessions->len; i++) {
		ReaderCounts counts;

		reader_counts(capture->reader, i, &counts);
		status_add(sum, &counts);
	}
}

/* A line for a person or, with --json, for a program. */
static void print_status(const Capture *capture, gboolean final)
{
	guint64 written = stream_packets(capture->stream);
	g_autofree char *text = NULL;
	ReaderCounts sum;

	sum_counts(capture, &sum);
	if (capture->options->json) {
		text = status_format_json(&sum, written, final);
		g_printerr("%s\n", text);
		return;
	}
	text = status_format(&sum);
	g_printerr("%s, written %" G_GUINT64_FORMAT "%s%s\n", text, written,
		   final ? " packets to " : "", final ? output_name(capture->pump.output) : "");
}

static void do_second(Capture *capture)
{
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(guint));
	guint session;

	if (capture->flags & CAPTURE_STATUS && (capture->options->json || isatty(STDERR_FILENO)))
		print_status(capture, FALSE);
	/* A device that was not there at the start sends packets. */
	while (stream_wants_hook(capture->stream, &session))
		g_array_append_val(wanted, session);
	broker_look(broker_get(NULL), wanted);
}

static gboolean on_tick(gpointer data)
{
	Capture *capture = data;

	clock_sample(capture->clock);
	reader_beat(capture->reader, monotonic_now());
	/* A wake-up that was lost between the last look and the sleep is made good here. */
	if (!capture->blocked && reader_pending(capture->reader))
		schedule_round(capture, 0, FALSE);
	if (capture->flags & CAPTURE_WITH_PARENT && getppid() != capture->parent)
		stop(capture, "the process that started it has ended");
	if (++capture->ticks % TICKS_A_SECOND == 0)
		do_second(capture);
	return G_SOURCE_CONTINUE;
}

/* The signals that end a capture arrive here; after kill -9 xdpshark-hookd gives the slots back. */
static void block_signals(sigset_t *mask, sigset_t *before)
{
	sigemptyset(mask);
	sigaddset(mask, SIGINT);
	sigaddset(mask, SIGTERM);
	sigaddset(mask, SIGHUP);
	sigaddset(mask, SIGQUIT);
	pthread_sigmask(SIG_BLOCK, mask, before);
}

static gboolean dispatch(GSource *source G_GNUC_UNUSED, GSourceFunc callback, gpointer data)
{
	return callback(data);
}

static void run_loop(Capture *capture)
{
	static GSourceFuncs functions = { .dispatch = dispatch };
	guint tick = g_timeout_add(TICK_MS, on_tick, capture);
	guint signals = g_unix_fd_add(capture->signal_fd, G_IO_IN, on_signal, capture);
	guint broker = g_unix_fd_add(broker_fd(broker_get(NULL)), G_IO_IN | G_IO_HUP | G_IO_ERR,
				     on_broker, capture);
	guint step = clock_step_fd(capture->clock) >= 0
			     ? g_unix_fd_add_full(G_PRIORITY_HIGH, clock_step_fd(capture->clock),
						  G_IO_IN, on_clock_step, capture, NULL)
			     : 0;
	guint duration = capture->options->duration > 0
				 ? g_timeout_add((guint)(capture->options->duration * 1000),
						 on_duration, capture)
				 : 0;

	capture->round_source = g_source_new(&functions, sizeof(GSource));
	g_source_set_callback(capture->round_source, on_round, capture, NULL);
	capture->round_fd =
		g_source_add_unix_fd(capture->round_source, reader_fd(capture->reader), 0);
	g_source_set_ready_time(capture->round_source, 0);
	g_source_attach(capture->round_source, NULL);
	watch_output(capture);

	g_main_loop_run(capture->loop);

	g_source_destroy(capture->round_source);
	g_clear_pointer(&capture->round_source, g_source_unref);
	g_clear_handle_id(&capture->output_source, g_source_remove);
	g_source_remove(tick);
	g_clear_handle_id(&step, g_source_remove);
	g_source_remove(signals);
	if (g_main_context_find_source_by_id(NULL, broker))
		g_source_remove(broker);
	if (duration > 0 && g_main_context_find_source_by_id(NULL, duration))
		g_source_remove(duration);
}

static gboolean is_signalled(gpointer data)
{
	const Capture *capture = data;
	struct signalfd_siginfo info;

	return read(capture->signal_fd, &info, sizeof(info)) == sizeof(info);
}

static gboolean attach_all(Capture *capture, GError **error)
{
	for (guint i = 0; i < capture->sessions->len; i++)
		if (!broker_session_attach(g_ptr_array_index(capture->sessions, i), error))
			return FALSE;
	return TRUE;
}

static void detach_all(Capture *capture)
{
	for (guint i = 0; i < capture->sessions->len; i++)
		broker_session_detach(g_ptr_array_index(capture->sessions, i));
}

static void print_start(const Capture *capture)
{
	if (capture->options->json)
		return;
	for (guint i = 0; i < capture->sessions->len; i++) {
		g_autofree char *text = hook_display(stream_hook(capture->stream, i));

		g_printerr("capturing on %s, pinned at %s\n", text,
			   stream_hook(capture->stream, i)->path);
	}
}

/* The head of the file. FALSE if it can never be written. */
static gboolean start_output(Capture *capture)
{
	PumpState state = pump_flush(&capture->pump, &capture->failure);

	capture->closed = state == PUMP_CLOSED;
	capture->blocked = state == PUMP_BLOCKED;
	return state < PUMP_COUNTED;
}

gboolean capture_run(Capture *capture, Output *output, CaptureFlags flags, GError **error)
{
	sigset_t mask, before;
	gboolean attached;

	block_signals(&mask, &before);
	capture->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	capture->pump = (Pump){
		.reader = capture->reader,
		.stream = capture->stream,
		.clock = capture->clock,
		.output = output,
		.count = (guint64)MAX(capture->options->count, 0),
	};
	capture->flags = flags;
	capture->parent = getppid();
	capture->loop = g_main_loop_new(NULL, FALSE);
	stream_append_head(capture->stream, output_pending(output));
	capture->start = monotonic_now();
	/* From here on nothing but reading rings and writing what is in them. */
	attached = attach_all(capture, &capture->failure) && privilege_drop(&capture->failure);
	if (attached) {
		if (flags & CAPTURE_STATUS)
			print_start(capture);
		if (start_output(capture))
			run_loop(capture);
	}
	detach_all(capture);
	if (attached && !capture->closed && !capture->failure)
		capture->closed = pump_drain(&capture->pump, capture->sessions->len, capture->start,
					     monotonic_now(), is_signalled, capture,
					     &capture->failure) == PUMP_CLOSED;
	pump_leave_whole_blocks(&capture->pump);
	if (attached && flags & CAPTURE_STATUS)
		print_status(capture, TRUE);
	if (!capture->failure)
		capture->failure = g_steal_pointer(&capture->end);
	close(capture->signal_fd);
	g_clear_pointer(&capture->loop, g_main_loop_unref);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!capture->failure)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&capture->failure));
	return FALSE;
}
