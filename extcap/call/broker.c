// SPDX-License-Identifier: GPL-2.0-or-later
#include "broker_call.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"
#include "channel.h"
#include "child_end.h"
#include "launch.h"
#include "monotonic.h"
#include "patience.h"

G_DEFINE_QUARK(xdpshark_broker_error, broker_error)

struct Broker {
	int socket; /* -1: not yet started */
	pid_t pid;
	int cancel_fd;
	guint opened;	      /* sessions so far */
	BrokerQuestion asked; /* its answer is outstanding */
	/* That answer with its descriptors, or why there is none, if it came while another call was
	 * made. */
	gboolean kept;
	GVariant *answer;
	GArray *fds;
	GError *reason;
	gboolean given_up; /* it has failed to answer */
};

static const struct {
	const char *method;
	const char *type; /* of the answer */
} questions[] = {
	[BROKER_LOOKING] = { CALL_LOOK, CALL_LOOK_RESULT_TYPE },
	[BROKER_CHANGING] = { CALL_CHANGE_SESSION, "()" },
	[BROKER_OPENING] = { CALL_OPEN_SESSION, CALL_SESSION_RESULT_TYPE },
};

static void close_descriptor(gpointer fd)
{
	close(*(int *)fd);
}

Broker *broker_new(void)
{
	Broker *broker = g_new0(Broker, 1);

	broker->socket = -1;
	broker->cancel_fd = -1;
	broker->fds = g_array_new(FALSE, FALSE, sizeof(int));
	g_array_set_clear_func(broker->fds, close_descriptor);
	return broker;
}

void broker_free(Broker *broker)
{
	if (!broker)
		return;
	if (broker->socket >= 0)
		close(broker->socket);
	g_clear_pointer(&broker->answer, g_variant_unref);
	g_clear_error(&broker->reason);
	g_array_unref(broker->fds);
	g_free(broker);
}

gboolean broker_start(Broker *broker, GError **error)
{
#ifdef XDPSHARK_CLIENT_ONLY
	(void)broker;
	g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
		    "this xdpshark captures from other hosts only: name one, such as "
		    "ssh://web1/sys/fs/bpf/fw");
	return FALSE;
#else
	return broker->socket >= 0 || launch_hookd(&broker->socket, &broker->pid, error);
#endif
}

void broker_set_cancel(Broker *broker, int fd)
{
	broker->cancel_fd = fd;
}

int broker_fd(const Broker *broker)
{
	return broker->socket;
}

/* Levels that are passed on. Not G_LOG_LEVEL_ERROR, on which GLib ends the process. */
#define LOGGED_LEVELS                                                                              \
	(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO |     \
	 G_LOG_LEVEL_DEBUG)

static void log_lines(GVariant *lines)
{
	guint32 level;
	const char *text;

	for (gsize i = 0; i < g_variant_n_children(lines); i++) {
		g_variant_get_child(lines, i, "(u&s)", &level, &text);
		g_log(G_LOG_DOMAIN, (GLogLevelFlags)(level & LOGGED_LEVELS), "%s", text);
	}
}

static void set_ended_error(const Broker *broker, const char *method, GError **error)
{
	g_autofree char *end = child_end_of(broker->pid);

	g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
		    "xdpshark-hookd %s (during %s): try again; what it left in a hook's slots the "
		    "next capture removes",
		    end ? end : "has ended", method);
}

static Patience begin_waiting(const Broker *broker, const char *method)
{
	return patience_begin(method, broker->pid, broker->cancel_fd);
}

/* No message could be received or sent. Should xdpshark-hookd wake up after all, it finds the
 * socket closed and gives the slots back. */
static void fail(Broker *broker, const Patience *patience, const char *method, GError **error)
{
	if (!patience->over && !broker->given_up) {
		set_ended_error(broker, method, error);
		return;
	}
	broker->given_up = TRUE;
	shutdown(broker->socket, SHUT_RDWR);
	patience_set_error(patience, method, error);
}

/* Receives the answer to a request, of the type given; see broker_call(). */
static GVariant *receive(Broker *broker, Patience *patience, const char *method, const char *type,
			 GArray *fds, GError **error)
{
	const ChannelPatience waiting = patience_for_channel(patience);
	g_autoptr(GVariant) reply =
		channel_receive(broker->socket, G_VARIANT_TYPE(CALL_REPLY_TYPE), fds, &waiting);
	g_autoptr(GVariant) lines = NULL, result = NULL;
	const char *domain, *message;
	gboolean done;
	gint32 code;

	if (!reply) {
		fail(broker, patience, method, error);
		return NULL;
	}
	g_variant_get(reply, "(b&si&s@a(us)v)", &done, &domain, &code, &message, &lines, &result);
	log_lines(lines);
	if (done && g_variant_is_of_type(result, G_VARIANT_TYPE(type)))
		return g_steal_pointer(&result);
	if (done)
		g_set_error(
			error, BROKER_ERROR, BROKER_ERROR_FAILED,
			"xdpshark-hookd is of another version than xdpshark: install both again");
	else
		g_set_error_literal(error, g_quark_from_string(domain), code, message);
	return NULL;
}

/* Puts an outstanding answer aside. */
static void keep_answer(Broker *broker, Patience *patience)
{
	broker->answer = receive(broker, patience, questions[broker->asked].method,
				 questions[broker->asked].type, broker->fds, &broker->reason);
	broker->kept = TRUE;
}

GVariant *broker_take_answer(Broker *broker, BrokerQuestion question, GArray *fds, GError **error)
{
	const char *method = questions[question].method;
	Patience patience = begin_waiting(broker, method);

	broker->asked = BROKER_IDLE;
	if (!broker->kept)
		return receive(broker, &patience, method, questions[question].type, fds, error);
	broker->kept = FALSE;
	/* Those that nobody wants are closed. */
	if (fds) {
		g_array_append_vals(fds, broker->fds->data, broker->fds->len);
		g_array_set_clear_func(broker->fds, NULL);
	}
	g_array_set_size(broker->fds, 0);
	g_array_set_clear_func(broker->fds, close_descriptor);
	if (!broker->answer)
		g_propagate_error(error, g_steal_pointer(&broker->reason));
	return g_steal_pointer(&broker->answer);
}

GVariant *broker_call(Broker *broker, const char *method, GVariant *arguments, const char *type,
		      GArray *fds, GError **error)
{
	g_autoptr(GVariant) held = g_variant_ref_sink(arguments);
	ChannelPatience waiting;
	Patience patience;

	if (!broker_start(broker, error))
		return NULL;
	patience = begin_waiting(broker, method);
	waiting = patience_for_channel(&patience);
	if (broker->asked != BROKER_IDLE && !broker->kept)
		keep_answer(broker, &patience);
	if (channel_send(broker->socket, g_variant_new(CALL_REQUEST_TYPE, method, held), NULL, 0,
			 &waiting))
		return receive(broker, &patience, method, type, fds, error);
	fail(broker, &patience, method, error);
	return NULL;
}

gboolean broker_ask(Broker *broker, BrokerQuestion question, GVariant *arguments)
{
	const char *method = questions[question].method;
	g_autoptr(GVariant) held = g_variant_ref_sink(arguments);
	Patience patience = begin_waiting(broker, method);
	const ChannelPatience waiting = patience_for_channel(&patience);

	if (broker->asked != BROKER_IDLE || broker->given_up ||
	    !channel_send(broker->socket, g_variant_new(CALL_REQUEST_TYPE, method, held), NULL, 0,
			  &waiting))
		return FALSE;
	broker->asked = question;
	return TRUE;
}

BrokerQuestion broker_asked(const Broker *broker)
{
	return broker->asked;
}

gboolean broker_has_answer(const Broker *broker)
{
	return broker->kept;
}

guint broker_number_session(Broker *broker)
{
	return broker->opened++;
}

GPtrArray *broker_examine(Broker *broker, const char *const *names, GError **error)
{
	const char *const all[] = { NULL };
	g_autoptr(GVariant) result =
		broker_call(broker, CALL_EXAMINE, g_variant_new("(^as)", names ? names : all),
			    CALL_EXAMINE_RESULT_TYPE, NULL, error);

	return result ? findings_from_variant(result) : NULL;
}

/* NULL stands for all types. */
static GVariant *source_arguments(const SourceType *type)
{
	return g_variant_new("(s)", type ? type->scheme : "");
}

GPtrArray *broker_list_points(Broker *broker, const SourceType *type, GError **error)
{
	g_autoptr(GVariant) result = broker_call(broker, CALL_LIST_POINTS, source_arguments(type),
						 "a" POINT_VARIANT_TYPE, NULL, error);

	return result ? points_from_variant(result) : NULL;
}

GPtrArray *broker_find_points(Broker *broker, const SourceType *type, const char *pattern,
			      GError **error)
{
	g_autoptr(GVariant) result = broker_call(broker, CALL_FIND_POINTS,
						 g_variant_new("(s^ay)", type->scheme, pattern),
						 "a" POINT_VARIANT_TYPE, NULL, error);

	return result ? points_from_variant(result) : NULL;
}

GPtrArray *broker_survey(Broker *broker, const SourceType *type, GPtrArray **ret_hookless,
			 GError **error)
{
	g_autoptr(GVariant) result = broker_call(broker, CALL_SURVEY, source_arguments(type),
						 CALL_SURVEY_RESULT_TYPE, NULL, error);
	g_autoptr(GVariant) points = NULL, hookless = NULL;

	if (!result)
		return NULL;
	g_variant_get(result, "(@a" POINT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE ")", &points,
		      &hookless);
	*ret_hookless = points_from_variant(hookless);
	return points_from_variant(points);
}

/* xdpshark-hookd only looks below bpffs mounts. If a path leads there from elsewhere, we can see
 * that with our own rights, and say so. */
static void explain_where_path_leads(const PointAddress *point, GError **error)
{
	const char *path = point->address;
	g_autofree char *real = NULL, *begin = g_strconcat(path, ": ", NULL);
	char *resolved = point->type->address == SOURCE_ADDRESS_PATH ? realpath(path, NULL) : NULL;

	real = resolved ? g_strdup(resolved) : NULL;
	free(resolved);
	if (!error || !*error || !real || strcmp(real, path) == 0 ||
	    !g_str_has_prefix((*error)->message, begin) ||
	    !g_error_matches(*error, POINT_ERROR, POINT_ERROR_NOT_FOUND))
		return;
	g_clear_error(error);
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND, "%s: leads to %s: give that path",
		    path, real);
}

GPtrArray *broker_open_points(Broker *broker, const GPtrArray *addresses, GError **error)
{
	g_autoptr(GVariant) result = NULL;
	g_autoptr(GPtrArray) points = NULL;
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a(say)"));
	for (guint i = 0; i < addresses->len; i++) {
		const PointAddress *point = g_ptr_array_index(addresses, i);

		g_variant_builder_add(&list, "(s^ay)", point->type->scheme, point->address);
	}
	result = broker_call(broker, CALL_OPEN_POINTS, g_variant_new("(a(say))", &list),
			     "a" POINT_VARIANT_TYPE, NULL, error);
	points = result ? points_from_variant(result) : NULL;
	for (guint i = 0; !result && i < addresses->len; i++)
		explain_where_path_leads(g_ptr_array_index(addresses, i), error);
	/* A point may stand for several. */
	if (!points || points->len >= addresses->len)
		return g_steal_pointer(&points);
	g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
		    "xdpshark-hookd gave %u points, not %u", points->len, addresses->len);
	return NULL;
}

Point *broker_open_point(Broker *broker, PointAddress *address, GError **error)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new(), points = NULL;

	g_ptr_array_add(addresses, address);
	points = broker_open_points(broker, addresses, error);
	return points ? g_ptr_array_steal_index(points, 0) : NULL;
}

static gboolean call_with_filter(Broker *broker, const char *method,
				 const struct sock_filter *filter, gsize length, GError **error)
{
	/* One 64-bit number for each instruction keeps them aligned. */
	GVariant *code =
		g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, filter, length, sizeof(*filter));
	g_autoptr(GVariant) result =
		broker_call(broker, method, g_variant_new("(@at)", code), "()", NULL, error);

	return result != NULL;
}

gboolean broker_check_filter(Broker *broker, const struct sock_filter *filter, gsize length,
			     GError **error)
{
	return call_with_filter(broker, CALL_CHECK_FILTER, filter, length, error);
}

gboolean broker_open_match(Broker *broker, const struct sock_filter *filter, gsize length,
			   GError **error)
{
	return call_with_filter(broker, CALL_OPEN_MATCH, filter, length, error);
}

GVariant *broker_run_match(Broker *broker, GVariant *packets, GError **error)
{
	return broker_call(broker, CALL_RUN_MATCH,
			   g_variant_new("(@" CALL_PACKETS_TYPE ")", packets), "au", NULL, error);
}
