// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_state.h"

#include <string.h>
#include <unistd.h>

#include "call.h"
#include "detached.h"
#include "file_limit.h"
#include "follow.h"
#include "names.h"
#include "point.h"
#include "point_filter.h"
#include "program_record.h"
#include "remotes.h"
#include "session_call.h"

/* Open files for each point of a capture (CAPTURE_POINT_FILES), and for the rest of it: output,
 * log, signals, clock, epoll, pipes of threads, a process for libpcap. */
#define CAPTURE_FILES 10
#define REMOTE_FILES  16 /* while its program is started */

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
	filter_error_quote(&reason, text);
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

gboolean capture_prepare(Capture *capture, const Point *point, SessionRequest *ret_request,
			 GError **error)
{
	const OptionValues *options = capture->request.options;
	const PointFilter *filter;
	gboolean skb = (point->type->options & SOURCE_HAS_SKB) != 0;
	SessionRequest request = {
		.type = point->type,
		.address = point->address,
		.id = point->id,
		.group = point->group,
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
		.track = (point->type->options & SOURCE_HAS_TRACK) && options->track != 0,
		.ring_size = capture->ring_size,
	};

	option_parse_mark(skb ? options->mark : NULL, &request.mark, &request.mark_mask);

	if (!is_new_point(capture, point, error) || !check_links(capture, point, error) ||
	    !option_check_source(options, point->type, &request.verdicts, error) ||
	    !make_filter(capture, point, error))
		return FALSE;
	filter = g_ptr_array_index(capture->filters, capture->filters->len - 1);
	request.filter = filter->filter->code;
	request.filter_length = filter->filter->length;
	*ret_request = request;
	return TRUE;
}

void capture_add_session(Capture *capture, BrokerSession *session, const SessionRequest *request)
{
	g_ptr_array_add(capture->sessions, session);
	add_observers(capture, request);
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

void capture_add_to_stream(Capture *capture, Point *point)
{
	const CaptureRequest *request = &capture->request;
	g_autofree char *comment = describe_brakes(request->options, point->type);
	g_autofree char *text = request->exclusion
					? exclusion_describe(request->exclusion, request->filter)
					: g_strdup(request->filter);
	guint last = capture->sessions->len - 1;

	stream_add(capture->stream, point, text, request->options->snaplen, comment);
	stream_set_at(capture->stream, last, (guint)request->options->at);
	stream_set_names(capture->stream, last,
			 names_new(g_ptr_array_index(capture->sessions, last)));
}

gboolean capture_add_to_reader(const Capture *capture, GError **error)
{
	const BrokerSession *session =
		g_ptr_array_index(capture->sessions, capture->sessions->len - 1);

	return reader_add(capture->reader, broker_session_rings(session), error);
}

/* Loads the programs for a point, which it takes over. */
static gboolean add_point(Capture *capture, Point *point, GError **error)
{
	g_autoptr(Point) held = point;
	SessionRequest request;
	BrokerSession *session;

	if (!capture_prepare(capture, point, &request, error))
		return FALSE;
	session = broker_session_open(capture->broker, &request, error);
	if (!session)
		return FALSE;
	capture_add_session(capture, session, &request);
	capture_add_to_stream(capture, g_steal_pointer(&held));
	return capture_add_to_reader(capture, error);
}

/* To be called before anything is opened. */
static gboolean check_limits(const CaptureRequest *request, GError **error)
{
	guint points = request->points->len, hosts = request->hosts ? request->hosts->len : 0;
	g_autofree char *what = g_strdup_printf("a capture of %u hook%s", points + hosts,
						points + hosts == 1 ? "" : "s");

	file_limit_raise();
	if (points <= CALL_SESSIONS_MAX)
		return file_limit_check(CAPTURE_FILES + points * CAPTURE_POINT_FILES +
						hosts * REMOTE_FILES,
					"xdpshark", what, error);
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "%u hooks are too many: a capture has %d at most; capture the others with "
		    "another one",
		    points, CALL_SESSIONS_MAX);
	return FALSE;
}

/* Loads the programs for the points of this host. */
static gboolean add_points(Capture *capture, GError **error)
{
	if (capture->request.points->len == 0)
		return TRUE;
	g_autoptr(GPtrArray) points =
		broker_open_points(capture->broker, capture->request.points, error);

	capture->reader = points ? reader_new(error) : NULL;
	if (!capture->reader)
		return FALSE;
	g_ptr_array_add(capture->inputs, reader_input(capture->reader));
	while (points->len > 0)
		if (!add_point(capture, g_ptr_array_steal_index(points, 0), error))
			return FALSE;
	return TRUE;
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

	capture->broker = broker;
	capture->signal_fd = -1;
	capture->request = *request;
	capture->ring_size =
		option_ring_size(options, sysconf(_SC_NPROCESSORS_ONLN), request->points->len);
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
	capture->adoption = adoption_new(capture);
	capture->clock = clock_new();
	capture->stream = stream_new(capture->clock, options->comments,
				     options->verdict == OPTION_VERDICT_ON);
	if (option_wants_pcap(options))
		stream_use_pcap(capture->stream);
	if (options->track)
		stream_name_journeys(capture->stream);
	if (!check_limits(request, error) || !option_check(options, error) ||
	    !privilege_find_account(options->user, &capture->account, error))
		return NULL;
	if (!add_points(capture, error) || !add_remotes(capture, error))
		return NULL;
	return g_steal_pointer(&capture);
}
