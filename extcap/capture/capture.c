// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "broker.h"
#include "call.h"
#include "clock.h"
#include "detached.h"
#include "file_limit.h"
#include "follow.h"
#include "loop.h"
#include "monotonic.h"
#include "names.h"
#include "point.h"
#include "point_filter.h"
#include "privilege.h"
#include "program_record.h"
#include "pump.h"
#include "reader.h"
#include "remotes.h"
#include "report.h"
#include "session_call.h"
#include "sink.h"
#include "stream.h"

/* Bytes of the filter that an error message shows. */
#define FILTER_SHOWN 60

/* A capture ends within 10 s of being asked to, whatever is stuck. This is how long the output may
 * take for the rest, and how long if xdpshark-hookd has already been waited for in vain
 * (patience.c). */
/* For packets that are printed as well as written. */
#define COPY_LIMIT_MS 1000

#define DRAIN_LIMIT_MS	    9000
#define DRAIN_LIMIT_LATE_MS 3000

/* Other hosts, before that. */
#define REMOTES_LIMIT_MS 4000

/* Upper limit for a program to handle one packet. */
#define IN_FLIGHT_US 1000

/* Open files for each point of a capture, and for the rest of it: output, log, signals, clock,
 * epoll, pipes of threads, a process for libpcap. */
#define POINT_FILES   RINGS_FDS
#define CAPTURE_FILES 10
#define REMOTE_FILES  16 /* while its program is started */

struct Capture {
	Broker *broker;
	CaptureRequest request;
	GPtrArray *sessions; /* BrokerSession * */
	GPtrArray *follows;  /* Follow *, of each */
	GPtrArray *filters;  /* PointFilter *, likewise */
	GPtrArray *detached; /* Detached *, likewise */
	Reader *reader;
	GPtrArray *remotes; /* RemoteInput *, of other hosts */
	GPtrArray *inputs;  /* Input *: the reader's, and these */
	guint64 latest;	    /* see InputRun */
	Clock *clock;
	Stream *stream;
	Report report;
	PrivilegeAccount account; /* whom root's process becomes */
	/* while running */
	Pump pump;
	int signal_fd;
	LoopEnd end;
	Changes *changes; /* NULL: nobody wants to change it */
};

/* The same point may be given twice: it can be pinned in several places. */
static gboolean is_new_point(const Capture *capture, const Point *point, GError **error)
{
	for (guint i = 0; i < capture->sessions->len; i++) {
		const Point *other = stream_point(capture->stream, i);

		if (!point_is_same(other, point))
			continue;
		g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
			    "%s and %s are the same %s: name it once", other->address,
			    point->address, point->type->noun);
		return FALSE;
	}
	return TRUE;
}

static gboolean make_filter(Capture *capture, const Point *point, GError **error)
{
	const CaptureRequest *request = &capture->request;
	const char *text = request->filter;
	const GPtrArray *filters = capture->filters;
	const PointFilter *before =
		filters->len > 0 ? g_ptr_array_index(filters, filters->len - 1) : NULL;
	g_autoptr(GError) reason = NULL;
	PointFilter *filter = point_filter_new(point, text, request->exclusion, before, &reason);

	if (filter) {
		g_ptr_array_add(capture->filters, filter);
		return TRUE;
	}
	/* Wireshark shows 1,024 bytes: the reason must be among them. */
	if (reason->domain == FILTER_ERROR)
		g_prefix_error(&reason, "capture filter \"%.*s%s\": ", FILTER_SHOWN, text,
			       strlen(text) > FILTER_SHOWN ? "..." : "");
	g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

/* What watches the point of a session during the capture. */
static void add_observers(Capture *capture, const SessionRequest *request)
{
	const DetachedSetting setting = {
		.clock = capture->clock,
		.actions = request->verdicts,
		.share_foreign = request->share_foreign,
		.loss = "its file misses those packets",
		.report = report_message,
		.data = &capture->report,
	};

	g_ptr_array_add(capture->follows, follow_new(capture->request.options->follow != 0,
						     report_message, &capture->report));
	g_ptr_array_add(capture->detached, detached_new(request->address, &setting));
}

/* A pcap file has packets of one link type. */
static gboolean check_links(const Capture *capture, const Point *point, GError **error)
{
	const Point *first = capture->sessions->len > 0 ? stream_point(capture->stream, 0) : point;
	LinkType link = point_main_link(first);
	gboolean same = point_main_link(point) == link;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		same &= link_type_of(device->hardware_type) == link;
	}
	if (same || !option_wants_pcap(capture->request.options))
		return TRUE;
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "packets of %s do not all begin with the same header, and pcap has room for "
		    "one kind only: capture to pcapng%s%s",
		    point->address, first != point ? ", or without " : "",
		    first != point ? first->address : "");
	return FALSE;
}

/* Wireshark passes an empty text where nothing was typed. */
static const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* Loads the programs for a point. */
static gboolean open_session(Capture *capture, const Point *point, gsize ring_size, GError **error)
{
	const OptionValues *options = capture->request.options;
	const PointFilter *filter;
	BrokerSession *session;
	gboolean skb = (point->type->options & SOURCE_HAS_SKB) != 0;
	SessionRequest request = {
		.type = point->type,
		.address = point->address,
		.id = point->id,
		.snaplen = options->snaplen ? options->snaplen : XDPSHARK_SNAPLEN_MAX,
		.sample = options->sample,
		.rate = options->rate ? options->rate : point->type->rate,
		.at = point->type->options & SOURCE_HAS_SIGHTINGS ? (guint32)options->at : 0,
		.filter_at = point->type->options & SOURCE_HAS_SIGHTINGS
				     ? (guint32)options->filter_at
				     : 0,
		.share_foreign = options->share_foreign != 0,
		.unproven = options->unproven != 0,
		.reasons = skb ? text_or_null(options->reasons) : NULL,
		.process = skb ? text_or_null(options->process) : NULL,
		.netns = skb ? text_or_null(options->netns) : NULL,
		.device = skb ? text_or_null(options->device) : NULL,
		.stack = skb && options->stack != 0,
		.ring_size = ring_size,
	};

	option_parse_mark(skb ? options->mark : NULL, &request.mark, &request.mark_mask);

	if (!is_new_point(capture, point, error) || !check_links(capture, point, error) ||
	    !option_check_source(options, point->type, &request.verdicts, error) ||
	    !make_filter(capture, point, error))
		return FALSE;
	filter = g_ptr_array_index(capture->filters, capture->filters->len - 1);
	request.filter = filter->filter->code;
	request.filter_length = filter->filter->length;
	session = broker_session_open(capture->broker, &request, error);
	if (!session)
		return FALSE;
	g_ptr_array_add(capture->sessions, session);
	add_observers(capture, &request);
	return TRUE;
}

/* Text for the file, so that nobody takes the counts for those of all packets; NULL if all are
 * captured. */
static char *describe_brakes(const OptionValues *options, const SourceType *type)
{
	gint64 rate = options->rate ? options->rate : type->rate;
	GString *text = g_string_new(NULL);

	if (options->sample > 1)
		g_string_append_printf(text,
				       "sampled: one of %" G_GINT64_FORMAT " matching packets",
				       options->sample);
	if (rate > 0)
		g_string_append_printf(text,
				       "%slimited: at most %" G_GINT64_FORMAT
				       " packets a second on each CPU",
				       text->len ? "; " : "", rate);
	return g_string_free(text, text->len == 0);
}

/* Takes over point, from which the packets' comments are made. */
static gboolean add_point(Capture *capture, Point *point, gsize ring_size, GError **error)
{
	const CaptureRequest *request = &capture->request;
	g_autoptr(Point) held = point;
	g_autofree char *comment = NULL, *text = NULL;
	BrokerSession *session;

	if (!open_session(capture, point, ring_size, error))
		return FALSE;
	comment = describe_brakes(request->options, held->type);
	text = request->exclusion ? exclusion_describe(request->exclusion, request->filter)
				  : g_strdup(request->filter);
	stream_add(capture->stream, g_steal_pointer(&held), text, request->options->snaplen,
		   comment);
	session = g_ptr_array_index(capture->sessions, capture->sessions->len - 1);
	stream_set_names(capture->stream, capture->sessions->len - 1, names_new(session));
	return reader_add(capture->reader, broker_session_rings(session), error);
}

/* To be called before anything is opened. */
static gboolean check_limits(const CaptureRequest *request, GError **error)
{
	guint points = request->points->len, hosts = request->hosts ? request->hosts->len : 0;
	g_autofree char *what = g_strdup_printf("a capture of %u hook%s", points + hosts,
						points + hosts == 1 ? "" : "s");

	file_limit_raise();
	if (points <= CALL_SESSIONS_MAX)
		return file_limit_check(CAPTURE_FILES + points * POINT_FILES + hosts * REMOTE_FILES,
					"xdpshark", what, error);
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "%u hooks are too many: a capture has %d at most; capture the others with "
		    "another one",
		    points, CALL_SESSIONS_MAX);
	return FALSE;
}

/* Loads the programs for the points of this host. */
static gboolean add_points(Capture *capture, gsize ring_size, GError **error)
{
	if (capture->request.points->len == 0)
		return TRUE;
	capture->reader = reader_new(error);
	if (!capture->reader)
		return FALSE;
	g_ptr_array_add(capture->inputs, reader_input(capture->reader));
	g_autoptr(GPtrArray) points =
		broker_open_points(capture->broker, capture->request.points, error);

	while (points && points->len > 0)
		if (!add_point(capture, g_ptr_array_steal_index(points, 0), ring_size, error))
			return FALSE;
	return points != NULL;
}

/* Connects to the other hosts, and waits until they capture. */
static gboolean add_remotes(Capture *capture, GError **error)
{
	const CaptureRequest *request = &capture->request;
	const RemoteRequest remote = {
		.options = request->options,
		.filter = request->filter,
		.report = report_message,
		.data = &capture->report,
		.alone = request->points->len == 0 && request->hosts && request->hosts->len == 1,
	};

	if (!request->hosts || request->hosts->len == 0)
		return TRUE;
	if (option_wants_pcap(request->options)) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
			    "pcap has no place for the host that a packet comes from: capture to "
			    "pcapng");
		return FALSE;
	}
	g_ptr_array_unref(capture->remotes);
	capture->remotes = remotes_new(request->hosts, &remote, error);
	for (guint i = 0; capture->remotes && i < capture->remotes->len; i++)
		g_ptr_array_add(capture->inputs,
				remote_input_base(g_ptr_array_index(capture->remotes, i)));
	return capture->remotes && remotes_await(capture->remotes, error);
}

Capture *capture_new(Broker *broker, const CaptureRequest *request, GError **error)
{
	g_autoptr(Capture) capture = g_new0(Capture, 1);
	const OptionValues *options = request->options;
	gsize ring_size =
		option_ring_size(options, sysconf(_SC_NPROCESSORS_ONLN), request->points->len);

	capture->broker = broker;
	capture->signal_fd = -1;
	capture->request = *request;
	if (!request->filter)
		capture->request.filter = "";
	capture->report.json = options->json != 0;
	capture->report.verbose = options->verbose != 0;
	report_never_wait(&capture->report);
	capture->sessions = g_ptr_array_new_with_free_func((GDestroyNotify)broker_session_free);
	capture->follows = g_ptr_array_new_with_free_func((GDestroyNotify)follow_free);
	capture->filters = g_ptr_array_new_with_free_func((GDestroyNotify)point_filter_free);
	capture->inputs = g_ptr_array_new();
	capture->remotes = g_ptr_array_new();
	capture->detached = g_ptr_array_new_with_free_func((GDestroyNotify)detached_free);
	capture->report.detached = capture->detached;
	capture->clock = clock_new();
	capture->stream = stream_new(capture->clock, options->comments,
				     options->verdict == OPTION_VERDICT_ON);
	if (option_wants_pcap(options))
		stream_use_pcap(capture->stream);
	if (!check_limits(request, error) || !option_check(options, error) ||
	    !privilege_find_account(options->user, &capture->account, error))
		return NULL;
	if (!add_points(capture, ring_size, error) || !add_remotes(capture, error))
		return NULL;
	return g_steal_pointer(&capture);
}

/* Bit 1 << verdict for those that are captured. */
static guint32 captured_verdicts(const Capture *capture, const Point *point)
{
	guint32 verdicts = 0, available;
	guint count = point->type->verdict_count;

	if (point->slots.count > 0)
		count = MIN(count, point->slots.count);
	available = (guint32)((G_GUINT64_CONSTANT(1) << MIN(count, 32)) - 1);
	option_check_source(capture->request.options, point->type, &verdicts, NULL);
	return verdicts ? verdicts & available : available;
}

static Changes *make_changes(const Capture *capture)
{
	const Point *point = stream_point(capture->stream, 0);
	const ChangesCapture changed = {
		.broker = capture->broker,
		.session = g_ptr_array_index(capture->sessions, 0),
		.stream = capture->stream,
		.clock = capture->clock,
		.filters = capture->filters,
	};
	const ChangesSetting setting = {
		.filter = (char *)capture->request.filter,
		.verdicts = captured_verdicts(capture, point),
		.sample = (guint32)capture->request.options->sample,
	};

	return changes_new(&changed, &setting);
}

Changes *capture_changes(Capture *capture)
{
	/* Those of other hosts cannot be changed from here. */
	if (!capture->changes && capture->sessions->len == 1 && capture->remotes->len == 0)
		capture->changes = make_changes(capture);
	return capture->changes;
}

void capture_count(const Capture *capture, Counts *ret_counts)
{
	inputs_count(capture->inputs, ret_counts);
}

const Point *capture_point(const Capture *capture)
{
	return stream_point(capture->stream, 0);
}

void capture_free(Capture *capture)
{
	if (!capture)
		return;
	changes_free(capture->changes);
	g_ptr_array_unref(capture->inputs);
	if (capture->remotes)
		g_ptr_array_unref(capture->remotes);
	reader_free(capture->reader);
	g_ptr_array_unref(capture->sessions);
	g_ptr_array_unref(capture->follows);
	g_ptr_array_unref(capture->filters);
	g_ptr_array_unref(capture->detached);
	stream_free(capture->stream);
	clock_free(capture->clock);
	g_clear_error(&capture->end.failure);
	g_clear_error(&capture->end.end);
	g_free(capture);
}

/* These signals end a capture, and stay blocked: one that comes again must not spoil its end. After
 * kill -9 it is xdpshark-hookd that gives the slots back. */
static void block_signals(sigset_t *ret_mask)
{
	sigemptyset(ret_mask);
	sigaddset(ret_mask, SIGINT);
	sigaddset(ret_mask, SIGTERM);
	sigaddset(ret_mask, SIGHUP);
	sigaddset(ret_mask, SIGQUIT);
	pthread_sigmask(SIG_BLOCK, ret_mask, NULL);
}

static gboolean is_signalled(gpointer data)
{
	const Capture *capture = data;
	struct signalfd_siginfo info;

	return read(capture->signal_fd, &info, sizeof(info)) == sizeof(info);
}

/* After an error the programs are still in the slots. Let them see that nobody reads any more, and
 * wait until they have, so that no more packets come when the rings are read for the last time. */
static gboolean detach_all(Capture *capture, GError **error)
{
	g_autoptr(GError) first = NULL;

	if (broker_sessions_detach(capture->sessions, &first))
		return TRUE;
	reader_close(capture->reader);
	g_usleep(IN_FLIGHT_US);
	if (first->code == BROKER_ERROR_SILENT)
		g_set_error(error, first->domain, first->code,
			    "%s: what was captured is written, but until then this capture's "
			    "programs stay in the hook's slots, where they copy nothing any more",
			    first->message);
	else
		g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}

/* Reports what the filter cannot do for the points' packets. */
static void report_remarks(const Capture *capture)
{
	for (guint i = 0; i < capture->filters->len; i++) {
		const PointFilter *filter = g_ptr_array_index(capture->filters, i);

		for (guint j = 0; j < filter->remarks->len; j++)
			report_message(G_LOG_LEVEL_WARNING, g_ptr_array_index(filter->remarks, j),
				       (gpointer)&capture->report);
	}
}

/* Reads and writes while the slots are taken, until something ends the capture. */
static void run_loop(Capture *capture, CaptureFlags flags, pid_t parent)
{
	const LoopTask task = {
		.broker = capture->broker,
		.pump = &capture->pump,
		.sessions = capture->sessions,
		.follows = capture->follows,
		.filters = capture->filters,
		.detached = capture->detached,
		.changes = capture->changes,
		.remotes = capture->remotes,
		.report = &capture->report,
		.each_second = (flags & CAPTURE_EACH_SECOND) != 0,
		.duration = capture->request.options->duration,
		.alive = capture->request.options->alive,
		.signal_fd = capture->signal_fd,
		.parent = flags & CAPTURE_WITH_PARENT ? parent : 0,
	};

	report_start(&capture->report, capture->stream, capture->sessions->len);
	for (const char *const *line = capture->request.remarks; line && *line; line++)
		report_message(G_LOG_LEVEL_MESSAGE, *line, &capture->report);
	report_remarks(capture);
	report_hooks(&capture->report, capture->stream, capture->sessions->len);
	for (guint i = 0; i < capture->detached->len; i++)
		detached_start(g_ptr_array_index(capture->detached, i),
			       stream_point(capture->stream, i));
	loop_run(&task, &capture->end);
}

/* Output, log, rings and the socket to xdpshark-hookd stay open. From here on there is nothing to
 * do but read the rings and write what is in them. */
static gboolean drop_privileges(const Capture *capture, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (privilege_drop(&capture->account, &reason))
		return TRUE;
	g_set_error(error, reason->domain, reason->code,
		    "%s: name another user (-Z USER), or stay root (-Z root)", reason->message);
	return FALSE;
}

static gboolean start(Capture *capture, GError **error)
{
	if (!drop_privileges(capture, error))
		return FALSE;
	sink_start();
	stream_append_head(capture->stream, output_pending(capture->pump.output));
	inputs_append_head(capture->inputs, capture->stream, output_pending(capture->pump.output));
	/* The kernel's clock is known since the sessions were opened. */
	clock_restart(capture->clock);
	capture->pump.start = monotonic_now();
	return capture->sessions->len == 0 || broker_sessions_attach(capture->sessions, error);
}

/* Reports what was missed until the end, in the file too. */
static void account(Capture *capture)
{
	for (guint i = 0; i < capture->detached->len; i++) {
		Detached *detached = g_ptr_array_index(capture->detached, i);
		g_autofree char *remark = NULL;

		detached_end(detached,
			     broker_session_attachment(g_ptr_array_index(capture->sessions, i)));
		remark = detached_describe(detached);
		stream_set_remark(capture->stream, i, remark);
		if (!capture->end.end)
			detached_check(detached, &capture->end.end);
	}
}

/* Writes what the rings still hold, and the statistics. */
/* The last packets are printed, too. */
static void report_copy(const Capture *capture)
{
	guint64 left_out = capture->pump.copy ? copy_finish(capture->pump.copy, COPY_LIMIT_MS) : 0;
	g_autofree char *text = NULL;

	if (left_out == 0)
		return;
	text = g_strdup_printf("%" G_GUINT64_FORMAT " packets are written, but not printed: that "
			       "was too slow for all of them",
			       left_out);
	report_message(G_LOG_LEVEL_WARNING, text, (gpointer)&capture->report);
}

/* What no program has looked at: where a kernel's function calls ours, it does not do so while they
 * are at work already. */
static void report_skips(const Capture *capture)
{
	g_autofree char *text = NULL;
	guint64 skips;
	Counts sum;

	inputs_count(capture->inputs, &sum);
	skips = counts_lost(&sum, 1U << XDPSHARK_SLOT_SKIPPED);
	if (skips == 0)
		return;
	text = g_strdup_printf(
		"%" G_GUINT64_FORMAT " runs of the program were not seen, and count as lost: the "
		"kernel does not call the capture while it looks at another packet on the same "
		"CPU (bpf_prog_info.recursion_misses)",
		skips);
	report_message(G_LOG_LEVEL_WARNING, text, (gpointer)&capture->report);
}

static void finish(Capture *capture, guint limit_ms)
{
	LoopEnd *end = &capture->end;

	/* timeout(1) sends each signal twice: that does not mean that the rest is not wanted. */
	while (is_signalled(capture))
		;
	if (!end->closed && !end->failure)
		end->closed = pump_drain(&capture->pump, monotonic_now(), limit_ms, is_signalled,
					 capture, &end->failure) == PUMP_CLOSED;
	pump_leave_whole_blocks(&capture->pump);
	report_copy(capture);
	report_skips(capture);
	report_counts(&capture->report, &capture->pump, TRUE);
}

/* They have been asked to end. */
static void end_remotes(Capture *capture)
{
	LoopEnd *end = &capture->end;

	if (!end->closed && !end->failure)
		remotes_finish(capture->remotes, REMOTES_LIMIT_MS, is_signalled, capture);
	if (!end->end)
		remotes_examine(capture->remotes, &end->end);
}

gboolean capture_run(Capture *capture, const CaptureTarget *target, CaptureFlags flags,
		     GError **error)
{
	LoopEnd *end = &capture->end;
	pid_t parent = getppid();
	sigset_t mask;
	gboolean started, detached;

	block_signals(&mask);
	capture->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	broker_set_cancel(capture->broker, capture->signal_fd);
	capture->pump = (Pump){
		.inputs = capture->inputs,
		.stream = capture->stream,
		.clock = capture->clock,
		.output = target->output,
		.rotation = target->rotation,
		.copy = target->copy,
		.latest = capture->inputs->len > 1 ? &capture->latest : NULL,
		.count = (guint64)MAX(capture->request.options->count, 0),
	};
	capture->report.status = flags & CAPTURE_STATUS;
	capture->report.quiet = flags & CAPTURE_QUIET;
	started = start(capture, &end->failure);
	if (started)
		run_loop(capture, flags, parent);
	if (started && capture->changes)
		changes_finish(capture->changes);
	remotes_stop(capture->remotes);
	detached = detach_all(capture, end->end ? NULL : &end->end);
	if (started)
		end_remotes(capture);
	if (started && detached)
		account(capture);
	if (started)
		finish(capture, detached ? DRAIN_LIMIT_MS : DRAIN_LIMIT_LATE_MS);
	broker_set_cancel(capture->broker, -1);
	close(capture->signal_fd);
	if (end->failure && end->end)
		g_warning("%s", end->end->message);
	if (!end->failure)
		end->failure = g_steal_pointer(&end->end);
	if (!end->failure)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&end->failure));
	return FALSE;
}
