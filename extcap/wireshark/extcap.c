// SPDX-License-Identifier: GPL-2.0-or-later
#include "extcap.h"

#include <stdio.h>
#include <string.h>

#include "broker.h"
#include "capture.h"
#include "dialog.h"
#include "exit_status.h"
#include "finding.h"
#include "hookd_file.h"
#include "interface.h"
#include "log.h"
#include "output.h"
#include "pipes.h"
#include "place.h"
#include "point.h"
#include "point_filter.h"
#include "point_name.h"
#include "program_error.h"
#include "terminal.h"
#include "toolbar.h"

/* There are no points here, whatever the kernel can do. */
#ifdef XDPSHARK_CLIENT_ONLY
#define ONLY_REMOTE TRUE
#else
#define ONLY_REMOTE FALSE
#endif

gboolean extcap_is_called(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (g_str_has_prefix(argv[i], "--extcap-") || strcmp(argv[i], "--fifo") == 0 ||
		    strcmp(argv[i], "--capture") == 0)
			return TRUE;
	return FALSE;
}

void extcap_call_clear(ExtcapCall *call)
{
	g_free(call->interface);
	g_free(call->reload);
	g_free(call->filter);
	g_free(call->fifo);
	g_free(call->version);
	g_free(call->control_in);
	g_free(call->control_out);
	function_fields_clear(&call->functions);
	remote_fields_clear(&call->remote);
	option_clear(&call->values);
}

static int fail(const GError *error)
{
	g_printerr("%s\n", error->message);
	return EXIT_STATUS_FAILED;
}

static int fail_without_interface(void)
{
	g_printerr("xdpshark: no --extcap-interface given, such as %s:%s\n",
		   source_types[0]->scheme, source_types[0]->example);
	return EXIT_STATUS_USAGE;
}

static const SourceType *call_type(const ExtcapCall *call)
{
	const SourceType *type = interface_type(call->interface);

	return type ? type : source_types[0];
}

/* "eth0 runs fw without one", or NULL if no device does. */
static char *describe_hookless(const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++) {
		const Point *one = g_ptr_array_index(points, i);

		for (guint j = 0; j < one->devices->len && one->programs->len > 0; j++) {
			const PointProgram *program = g_ptr_array_index(one->programs, 0);
			const PointDevice *device = g_ptr_array_index(one->devices, j);
			g_autofree char *name = point_device_format(device);

			if (point_device_is_near(device))
				return g_strdup_printf("%s runs %s without one", name,
						       program->name);
		}
	}
	return NULL;
}

/* Explains what to do on a machine without hooks. */
static void set_no_hook_error(Broker *broker, GError **error, const GPtrArray *points)
{
	const char *const names[] = { FINDING_BPFFS, NULL };
	g_autoptr(GPtrArray) findings = broker_examine(broker, names, NULL);
	const Finding *bpffs = finding_find(findings, FINDING_BPFFS);
	g_autofree char *example = describe_hookless(points);

	if (bpffs && bpffs->answer == ANSWER_NO)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "no bpffs is mounted, where hooks are pinned: " BPFFS_REMEDY
			    ", load the XDP program, and refresh the interface list (F5)");
	else
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "no XDP program on this machine has a hook%s%s%s: give it one "
			    "(README.md, \"Instrument a program\"), load it, and refresh the "
			    "interface list (F5)",
			    example ? " (" : "", example ? example : "", example ? ")" : "");
}

static PointAddress *named_address(Broker *broker, const ExtcapCall *call, GError **error)
{
	return function_interface_is(call->interface)
		       ? function_interface_address(&call->functions, error)
		       : point_name_resolve(broker, call->interface, error);
}

/* The address of the call's interface; NULL with error. */
static PointAddress *call_address(Broker *broker, const ExtcapCall *call, GError **error)
{
	g_autofree char *none = interface_none();
	g_autoptr(GPtrArray) points = NULL;

	if (strcmp(call->interface, none) != 0)
		return named_address(broker, call, error);
	points = broker_list_points(broker, NULL, error);
	if (points && points_any_open(points))
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "XDP hooks can be read now: refresh the interface list (F5) "
			    "and choose one");
	else if (points)
		set_no_hook_error(broker, error, points);
	return NULL;
}

static void print_interface(const char *value, const char *display)
{
	printf("interface {value=%s}{display=%s}\n", value, display);
}

/* Prints an interface even if no hook can be seen: otherwise that would look as if xdpshark were
 * not installed. Its name says what to do, since users who may not run dumpcap never get to see an
 * error of ours. */
static void print_no_interface(const GError *error)
{
	g_autofree char *hookd = NULL, *remedy = NULL, *display = NULL, *none = interface_none();

	if (!error) {
		print_interface(none, "XDP hooks (none: no program on this machine has one)");
		return;
	}
	if (!g_error_matches(error, POINT_ERROR, POINT_ERROR_PERMISSION) &&
	    !g_error_matches(error, BROKER_ERROR, BROKER_ERROR_PERMISSION)) {
		print_interface(none,
				"XDP hooks (they cannot be read: start a capture to see why)");
		return;
	}
	hookd = hookd_file_path();
	remedy = hookd_file_remedy(hookd);
	display = g_strdup_printf("XDP hooks (no permission: %s)", remedy);
	print_interface(none, display);
}

static int print_interfaces(const ExtcapCall *call G_GNUC_UNUSED)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) points = broker_list_points(broker, NULL, &error);
	g_autofree char *help = place_of(XDPSHARK_DOC_PLACE "/docs/dialog.html");
	g_auto(GStrv) values = NULL;
	gboolean kernel;

	/* They are there without any XDP program. */
	g_autoptr(GPtrArray) places =
		points ? broker_list_points(broker, &source_kernel, NULL) : NULL;

	printf("extcap {version=" XDPSHARK_VERSION "}{help=file://%s}{display=XDP hooks}\n", help);
	if (!ONLY_REMOTE && (!points || !points_any_open(points)))
		print_no_interface(error);
	kernel = places && places->len > 0;
	if (places && points)
		g_ptr_array_extend_and_steal(points, g_steal_pointer(&places));
	values = points ? interface_values_of(points) : NULL;
	for (guint i = 0; points && i < points->len; i++) {
		g_autofree char *display = point_display(g_ptr_array_index(points, i));

		print_interface(values[i], display);
	}
	if (kernel)
		function_interface_print();
	remote_interface_print();
	/* Also those of other hosts are changed with it. */
	toolbar_print_controls();
	return EXIT_STATUS_OK;
}

/* The point of the call's interface; NULL if it cannot be found. */
static Point *open_point(Broker *broker, const ExtcapCall *call)
{
	g_autoptr(PointAddress) address = named_address(broker, call, NULL);

	return address ? broker_open_point(broker, address, NULL) : NULL;
}

/* Prints the link types of the point's devices, or Ethernet if there are none: tshark 4.0
 * needs one. */
static int print_dlts(const ExtcapCall *call)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(Point) point = open_point(broker, call);
	guint links = point && point->type->link == SOURCE_LINK_OF_DEVICE
			      ? point_links(point) & ~(1U << LINK_OTHER)
			      : 0;

	if (links == 0)
		links = 1U << LINK_ETHERNET;
	for (guint link = 0; link < LINK_TYPES; link++)
		if (links >> link & 1)
			printf("dlt {number=%d}{name=%s}{display=%s}\n", link_types[link].dlt,
			       link_types[link].name, link_types[link].title);
	return EXIT_STATUS_OK;
}

static int print_config(const ExtcapCall *call)
{
	g_autoptr(Broker) broker = broker_new();

	if (remote_interface_is(call->interface))
		remote_interface_print_config(call->reload, &call->remote, &call->values);
	else if (function_interface_is(call->interface))
		function_interface_print_config(broker, call->reload, &call->functions);
	else
		dialog_print(call_type(call), call_type(call)->options, 0, call->reload);
	return EXIT_STATUS_OK;
}

/* Prints what libpcap, the compiler or the verifier objects to in the filter, on standard
 * output: Wireshark turns the field red and shows it. Errors that have nothing to do with
 * the filter are not printed. */
static int check_filter(const ExtcapCall *call)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(Point) point = open_point(broker, call);
	g_autoptr(Point) unknown = point_new(call_type(call));
	g_autoptr(PointFilter) filter =
		point_filter_new(point ? point : unknown, call->filter, NULL, NULL, &error);

	/* Which host it is for is not said here: that host checks it when a capture begins.
	 */
	if (filter &&
	    (remote_interface_is(call->interface) ||
	     broker_check_filter(broker, filter->filter->code, filter->filter->length, &error) ||
	     !g_error_matches(error, PROGRAM_ERROR, PROGRAM_ERROR_FILTER)))
		return EXIT_STATUS_OK;
	if (!filter && error->domain != FILTER_ERROR)
		return EXIT_STATUS_OK;
	terminal_print(stdout, "%s\n", error->message);
	return EXIT_STATUS_OK;
}

/* Wireshark shows what was printed when the FIFO is closed. */
static int run_capture(const ExtcapCall *call, const Pipes *pipes)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GPtrArray) points =
		g_ptr_array_new_with_free_func((GDestroyNotify)point_address_free);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hosts = NULL;
	g_autoptr(Capture) capture = NULL;
	Toolbar *toolbar;
	gboolean done;
	PointAddress *address;
	/* Wireshark itself leaves out the ssh connection that it runs in, with its capture
	 * filter. */
	CaptureRequest request = { .points = points,
				   .filter = call->filter,
				   .options = &call->values };

	if (!call->interface)
		return fail_without_interface();
	if (!pipes->output) {
		g_printerr("xdpshark: no --fifo given to write the packets to\n");
		return EXIT_STATUS_USAGE;
	}
	if (remote_interface_is(call->interface)) {
		hosts = remote_interface_hosts(&call->remote, &call->values, &error);
		request.hosts = hosts;
	} else if ((address = call_address(broker, call, &error))) {
		g_ptr_array_add(points, address);
	}
	if (error)
		return fail(error);
	if (!log_open(call->values.log_file, call->values.log_level, FALSE, &error))
		return fail(error);
	capture = capture_new(broker, &request, &error);
	if (!capture)
		return fail(error);
	toolbar = toolbar_new(pipes, capture);
	done = capture_run(capture, &(CaptureTarget){ .output = pipes->output },
			   CAPTURE_WITH_PARENT | CAPTURE_QUIET, &error);
	toolbar_free(toolbar);
	return done ? EXIT_STATUS_OK : fail(error);
}

gboolean extcap_call_parse(ExtcapCall *ret_call, int argc, char **argv, GError **error)
{
	/* These are bytes, whatever the locale. */
	const GOptionEntry entries[] = {
		{ "extcap-interfaces", 0, 0, G_OPTION_ARG_NONE, &ret_call->interfaces, NULL, NULL },
		{ "extcap-version", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->version, NULL, NULL },
		{ "extcap-interface", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->interface, NULL,
		  NULL },
		{ "extcap-dlts", 0, 0, G_OPTION_ARG_NONE, &ret_call->dlts, NULL, NULL },
		{ "extcap-config", 0, 0, G_OPTION_ARG_NONE, &ret_call->config, NULL, NULL },
		{ "extcap-reload-option", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->reload, NULL,
		  NULL },
		{ "extcap-capture-filter", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->filter, NULL,
		  NULL },
		{ "extcap-control-in", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->control_in, NULL,
		  NULL },
		{ "extcap-control-out", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->control_out, NULL,
		  NULL },
		{ "extcap-cleanup-postkill", 0, 0, G_OPTION_ARG_NONE, &ret_call->cleanup, NULL,
		  NULL },
		{ "capture", 0, 0, G_OPTION_ARG_NONE, &ret_call->capture, NULL, NULL },
		{ "fifo", 0, 0, G_OPTION_ARG_FILENAME, &ret_call->fifo, NULL, NULL },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	GOptionGroup *group;

	memset(ret_call, 0, sizeof(*ret_call));
	option_defaults(&ret_call->values);
	group = option_group(&ret_call->values, TRUE);
	g_option_group_add_entries(group, entries);
	remote_interface_add_options(group, &ret_call->remote);
	function_interface_add_options(group, &ret_call->functions);
	g_option_context_set_main_group(context, group);
	g_option_context_set_ignore_unknown_options(context, TRUE);
	g_option_context_set_help_enabled(context, FALSE);
	return g_option_context_parse(context, &argc, &argv, error);
}

static int answer_call(const ExtcapCall *call)
{
	const struct {
		gboolean asked;
		gboolean needs_interface;
		int (*run)(const ExtcapCall *call);
	} answers[] = {
		{ call->interfaces, FALSE, print_interfaces },
		{ call->dlts, TRUE, print_dlts },
		{ call->config, TRUE, print_config },
		{ call->filter != NULL, TRUE, check_filter },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
		if (!answers[i].asked)
			continue;
		return answers[i].needs_interface && !call->interface ? fail_without_interface()
								      : answers[i].run(call);
	}
	/* There is nothing to clean up after a kill: the next capture does it. Other calls
	 * are those of later versions of Wireshark. */
	return EXIT_STATUS_OK;
}

int extcap_main(int argc, char **argv)
{
	gboolean capture = pipes_are_awaited(argc, argv);
	g_autoptr(GError) error = NULL;
	Pipes pipes = { .control = -1, .toolbar = -1 };
	ExtcapCall call = { 0 };
	int status;

	if (capture && !pipes_open(&pipes, argc, argv, &error)) {
		status = fail(error);
	} else if (extcap_call_parse(&call, argc, argv, &error)) {
		status = capture ? run_capture(&call, &pipes) : answer_call(&call);
	} else {
		g_printerr("xdpshark: %s%s\n", error->message,
			   capture ? ": change it in the interface's options (the gear)" : "");
		status = EXIT_STATUS_USAGE;
	}
	pipes_close(&pipes, status != EXIT_STATUS_OK);
	extcap_call_clear(&call);
	return status;
}
