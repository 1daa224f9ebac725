// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command "xdpshark stat": its arguments, and what they mean for the view.
 */
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "command.h"
#include "counting.h"
#include "filter_text.h"
#include "interface.h"
#include "log.h"
#include "metrics.h"
#include "point_name.h"
#include "stat_arguments.h"
#include "stat_run.h"
#include "terminal.h"

static int fail(ExitStatus status, const GError *error)
{
	g_printerr("xdpshark: %s\n", error->message);
	return status;
}

static gboolean is_path(const char *word)
{
	return word[0] == '/' || interface_type(word) != NULL;
}

/* Takes the words that name points into addresses. The first one must; of the others, names are
 * tried, and what is none begins the filter. */
static gboolean find_points(Broker *broker, StatArguments *arguments, GPtrArray *addresses,
			    guint *ret_used, GError **error)
{
	guint count = 0;

	for (; arguments->words && arguments->words[count]; count++) {
		const char *word = arguments->words[count];
		gboolean must = (count == 0 && addresses->len == 0) || is_path(word);
		g_autoptr(GError) reason = NULL;
		PointAddress *address;

		/* -f says that all words are points. */
		must |= arguments->filter != NULL;
		address = point_name_find(broker, word, &reason);
		if (address) {
			g_ptr_array_add(addresses, address);
		} else if (must || reason->domain != POINT_ERROR) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		} else {
			break;
		}
	}
	*ret_used = count;
	return TRUE;
}

/* Points of -i and of the first words; the rest is the filter. *ret_points: NULL for all. */
static gboolean take_operands(Broker *broker, StatArguments *arguments, GPtrArray **ret_points,
			      GError **error)
{
	g_autoptr(GPtrArray) addresses =
		g_ptr_array_new_with_free_func((GDestroyNotify)point_address_free);
	guint used = 0;

	*ret_points = NULL;
	for (guint i = 0; i < arguments->interfaces->len; i++) {
		PointAddress *address =
			point_name_find(broker, g_ptr_array_index(arguments->interfaces, i), error);

		if (!address)
			return FALSE;
		g_ptr_array_add(addresses, address);
	}
	if (!find_points(broker, arguments, addresses, &used, error))
		return FALSE;
	if (!arguments->filter)
		arguments->filter =
			arguments->words ? g_strjoinv(" ", arguments->words + used) : g_strdup("");
	if (addresses->len > 0)
		*ret_points = g_steal_pointer(&addresses);
	return TRUE;
}

static gboolean read_filter_file(StatArguments *arguments, GError **error)
{
	if (!arguments->filter_file)
		return TRUE;
	arguments->filter = filter_text_read(arguments->filter_file, error);
	return arguments->filter != NULL;
}

/* In the background a program must not touch the terminal. */
static gboolean has_screen(void)
{
	return isatty(STDOUT_FILENO) && tcgetpgrp(STDOUT_FILENO) == getpgrp() &&
	       g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static View *make_view(const StatArguments *arguments, const char *path)
{
	gboolean color = arguments->color == OPTION_COLOR_AUTO
				 ? terminal_wants_color()
				 : arguments->color == OPTION_COLOR_ALWAYS;

	if (arguments->metrics)
		return metrics_view_new(path);
	if (arguments->json)
		return json_view_new();
	return arguments->batch || !has_screen() ? plain_view_new(color) : screen_view_new(color);
}

static int run(StatArguments *arguments)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GPtrArray) points = NULL;
	g_autoptr(Counting) counting = NULL;
	g_autoptr(View) view = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	StatTask task = {
		.broker = broker,
		.interval = arguments->interval,
		.count = (guint64)arguments->count,
		.duration = arguments->duration,
		.json = arguments->json,
		.files = arguments->output != NULL,
	};
	CountingRequest request = {
		.actions = arguments->actions,
		.follow = arguments->follow,
		.share_foreign = arguments->share_foreign,
		.unproven = arguments->unproven,
		.report = stat_report,
		.data = &task,
	};

	if ((arguments->output && !metrics_file_resolve(arguments->output, &path, &error)) ||
	    !log_open(NULL, G_LOG_LEVEL_INFO, FALSE, &error) ||
	    !read_filter_file(arguments, &error))
		return fail(EXIT_STATUS_FAILED, error);
	task.view = view = make_view(arguments, path);
	if (!take_operands(broker, arguments, &points, &error))
		return fail(g_error_matches(error, POINT_ERROR, POINT_ERROR_NOT_FOUND) &&
					    arguments->words && !is_path(arguments->words[0])
				    ? EXIT_STATUS_USAGE
				    : EXIT_STATUS_FAILED,
			    error);
	request.points = points;
	request.filter = arguments->filter;
	counting = counting_new(broker, &request, &error);
	task.counting = counting;
	if (!counting || !stat_run(&task, &error)) {
		/* The error is to be seen where the terminal shows it. */
		g_clear_pointer(&view, view_free);
		return fail(g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE)
				    ? EXIT_STATUS_USAGE
				    : EXIT_STATUS_FAILED,
			    error);
	}
	return EXIT_STATUS_OK;
}

int stat_command(int argc, char **argv)
{
	g_auto(StatArguments) arguments = { 0 };
	g_autoptr(GError) error = NULL;

	if (!stat_arguments_parse(&arguments, argc, argv, &error))
		return fail(EXIT_STATUS_USAGE, error);
	return run(&arguments);
}
