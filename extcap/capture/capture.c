// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_state.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "broker_session.h"
#include "clock.h"
#include "detached.h"
#include "loop.h"
#include "monotonic.h"
#include "point.h"
#include "point_filter.h"
#include "privilege.h"
#include "program_record.h"
#include "pump.h"
#include "reader.h"
#include "remotes.h"
#include "report.h"
#include "signals.h"
#include "sink.h"
#include "stream.h"

/* A capture ends within 10 s of being asked to, whatever is stuck. This is how long the output may
 * take for the rest, and how long if xdpshark-hookd has already been waited for in vain
 * (patience.c). */
#define DRAIN_LIMIT_MS	    9000
#define DRAIN_LIMIT_LATE_MS 3000

/* For packets that are printed as well as written. */
#define COPY_LIMIT_MS 1000

/* Other hosts, before that. */
#define REMOTES_LIMIT_MS 4000

/* Upper limit for a program to handle one packet. */
#define IN_FLIGHT_US 1000

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

static SessionChanges *make_changes(const Capture *capture)
{
	const Point *point = stream_point(capture->stream, 0);
	const ChangesCapture changed = {
		.broker = capture->broker,
		.session = g_ptr_array_index(capture->sessions, 0),
		.stream = capture->stream,
		.clock = capture->clock,
		.filters = capture->filters,
		.exclusion = capture->request.exclusion,
	};
	const ChangesSetting setting = {
		.filter = (char *)capture->request.filter,
		.verdicts = captured_verdicts(capture, point),
		.sample = (guint32)capture->request.options->sample,
	};

	return session_changes_new(&changed, &setting);
}

Changes *capture_changes(Capture *capture)
{
	if (capture->sessions->len == 0)
		return remotes_changes(capture->remotes);
	if (!capture->changes && capture->sessions->len == 1 && capture->remotes->len == 0)
		capture->changes = make_changes(capture);
	return session_changes_base(capture->changes);
}

void capture_count(const Capture *capture, Counts *ret_counts)
{
	inputs_count(capture->inputs, ret_counts);
}

void capture_free(Capture *capture)
{
	if (!capture)
		return;
	session_changes_free(capture->changes);
	adoption_free(capture->adoption);
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

/* These signals end a capture. After kill -9 it is xdpshark-hookd that gives the slots back. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0 };

static gboolean is_signalled(gpointer data)
{
	const Capture *capture = data;

	return signals_take(capture->signal_fd) != 0;
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

/* Of what another host reads from here, it may change what can be changed. */
static Control *take_control(Capture *capture)
{
	const OptionValues *options = capture->request.options;
	Changes *changes = options->alive > 0 && options->json && capture->sessions->len > 0
				   ? capture_changes(capture)
				   : NULL;

	return changes ? control_new(changes) : NULL;
}

/* Reads and writes while the slots are taken, until something ends the capture. */
static void run_loop(Capture *capture, CaptureFlags flags, pid_t parent)
{
	Control *control = take_control(capture);
	const LoopTask task = {
		.broker = capture->broker,
		.pump = &capture->pump,
		.sessions = capture->sessions,
		.follows = capture->follows,
		.filters = capture->filters,
		.detached = capture->detached,
		.adoption = capture->adoption,
		.changes = capture->changes,
		.control = control,
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
	control_free(control);
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
	gboolean started, detached;

	capture->signal_fd = signals_open(signals);
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
		session_changes_finish(capture->changes);
	remotes_stop(capture->remotes);
	detached = detach_all(capture, end->end ? NULL : &end->end);
	if (started)
		end_remotes(capture);
	if (started && detached)
		account(capture);
	if (started)
		finish(capture, detached ? DRAIN_LIMIT_MS : DRAIN_LIMIT_LATE_MS);
	broker_set_cancel(capture->broker, -1);
	signals_close(capture->signal_fd);
	if (end->failure && end->end)
		g_warning("%s", end->end->message);
	if (!end->failure)
		end->failure = g_steal_pointer(&end->end);
	if (!end->failure)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&end->failure));
	return FALSE;
}
