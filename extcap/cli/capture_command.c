// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_command.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "command.h"
#include "filter_text.h"
#include "habit.h"
#include "interface.h"
#include "log.h"
#include "output.h"
#include "point.h"
#include "point_name.h"
#include "printer.h"
#include "rotation.h"
#include "ssh_connection.h"
#include "terminal.h"

static int fail(ExitStatus status, const GError *error)
{
	g_printerr("xdpshark: %s\n", error->message);
	return status;
}

/* Whether a word is the path of a pin, Wireshark's name for one or one on another host, and so
 * cannot be part of the filter. */
static gboolean is_path(const char *word)
{
	return word[0] == '/' || interface_type(word) != NULL || remote_host_is_named(word);
}

/* Hooks come first: those of -i, or one name or device; then any number of paths (or xdp:/..., as
 * Wireshark calls them). The rest is the filter. */
static void take_operands(CaptureArguments *arguments, const Habits *habits, GStrv operands)
{
	GPtrArray *points = g_ptr_array_new();
	guint count = 0;

	for (guint i = 0; i < habits->interfaces->len; i++)
		g_ptr_array_add(points, g_strdup(g_ptr_array_index(habits->interfaces, i)));
	while (operands && operands[count] && (points->len == 0 || is_path(operands[count])))
		g_ptr_array_add(points, g_strdup(operands[count++]));
	g_ptr_array_add(points, NULL);
	arguments->points = (GStrv)g_ptr_array_free(points, FALSE);
	arguments->filter = operands ? g_strjoinv(" ", operands + count) : g_strdup("");
}

static gboolean overwrites_itself(const OptionValues *values)
{
	return values->file_seconds && !values->file_size && !strchr(values->write, '%');
}

/* Packets are printed where standard output is a terminal, which can show nothing else. */
static gboolean is_printing(const OptionValues *values)
{
	return values->print || (!values->write && isatty(STDOUT_FILENO));
}

static gboolean wants_color(const OptionValues *values)
{
	return values->color == OPTION_COLOR_AUTO ? terminal_wants_color()
						  : values->color == OPTION_COLOR_ALWAYS;
}

/* Asked for is what only tshark can print. */
static gboolean lacks_tshark(const CaptureArguments *arguments)
{
	g_autofree char *program = NULL;

	if (!strpbrk(arguments->style, "VS") && arguments->handed->len == 0)
		return FALSE;
	program = g_find_program_in_path("tshark");
	return program == NULL;
}

/* The pipe to what prints, or NULL. */
static Output *start_printer(const CaptureArguments *arguments, Printer **ret_printer,
			     GError **error)
{
	const OptionValues *values = &arguments->values;
	const PrintStyle style = {
		.letters = arguments->style,
		.handed = arguments->handed,
		.interfaces = arguments->points[1] != NULL,
		.color = wants_color(values),
	};
	PrivilegeAccount account;
	int fd;

	if (!privilege_find_account(values->user, &account, error))
		return NULL;
	*ret_printer = printer_start(&style, &account, &fd, error);
	return *ret_printer ? output_new_file(fd, "standard output", error) : NULL;
}

/* *ret_rotation: NULL unless there are several files. */
static Output *open_output(const OptionValues *values, Rotation **ret_rotation, GError **error)
{
	g_autoptr(Output) output = NULL;

	if (!values->write || strcmp(values->write, "-") == 0)
		return output_new(dup(STDOUT_FILENO), "standard output", error);
	if (values->file_size || values->file_seconds)
		*ret_rotation = rotation_new(values, &output, error);
	else
		output = output_open(values->write, error);
	if (!output || !output_compress(output, compression_of_name(values->write, NULL), error))
		return NULL;
	return g_steal_pointer(&output);
}

/* One file for both would hold neither. */
static gboolean check_log_apart(const OptionValues *values, GError **error)
{
	struct stat log, packets;

	if (!values->log_file || !values->write || stat(values->log_file, &log) < 0 ||
	    stat(values->write, &packets) < 0 || !S_ISREG(log.st_mode) ||
	    log.st_dev != packets.st_dev || log.st_ino != packets.st_ino)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--log-file: %s is the file that packets are written to (-w): name another one",
		    values->log_file);
	return FALSE;
}

static gboolean is_remote(const CaptureArguments *arguments, const char *name)
{
	return arguments->values.transport || remote_host_is_named(name);
}

/* An array of PointAddress *, the points of this host; NULL with error if a word does not name
 * one. */
static GPtrArray *resolve_points(Broker *broker, const CaptureArguments *arguments, GError **error)
{
	g_autoptr(GPtrArray) addresses =
		g_ptr_array_new_with_free_func((GDestroyNotify)point_address_free);

	for (char **name = arguments->points; *name; name++) {
		PointAddress *address;

		if (is_remote(arguments, *name))
			continue;
		address = point_name_find(broker, *name, error);
		if (!address)
			return NULL;
		g_ptr_array_add(addresses, address);
	}
	return g_steal_pointer(&addresses);
}

/* The points of other hosts, by host: an array of RemoteHost *. */
static GPtrArray *resolve_hosts(const CaptureArguments *arguments, GError **error)
{
	g_autoptr(GPtrArray) hosts =
		g_ptr_array_new_with_free_func((GDestroyNotify)remote_host_free);

	for (char **name = arguments->points; *name; name++)
		if (is_remote(arguments, *name) &&
		    !remote_hosts_add(hosts, *name, arguments->values.transport, error))
			return NULL;
	return g_steal_pointer(&hosts);
}

/* Counts are not printed each second where they would get between packets: those that we print, or
 * the reader of a pipe on the same terminal. */
static CaptureFlags choose_flags(const OptionValues *values, gboolean printing)
{
	gboolean seen = isatty(STDERR_FILENO);

	if (values->quiet)
		return CAPTURE_QUIET;
	if (values->json || (seen && !printing && isatty(STDOUT_FILENO)))
		return CAPTURE_STATUS | CAPTURE_EACH_SECOND;
	return values->verbose || seen ? CAPTURE_STATUS : CAPTURE_PLAIN;
}

/* If the capture would include our own ssh connection: what leaves it out, and a remark about that.
 * Otherwise NULL. */
static Exclusion *exclude_ssh(const OptionValues *values, Exclusion *exclusion, char **ret_filter,
			      char **ret_remark)
{
	g_autoptr(SshConnection) connection = values->keep_ssh ? NULL : ssh_connection_find();

	if (!connection)
		return NULL;
	*ret_filter = ssh_connection_filter(connection);
	*ret_remark = g_strdup_printf("the ssh connection that this runs in is left out (%s port "
				      "%u to %s port %u): --keep-ssh captures it too",
				      connection->client, connection->client_port,
				      connection->server, connection->server_port);
	exclusion->text = *ret_filter;
	exclusion->shortest = ssh_connection_shortest(connection);
	return exclusion;
}

/* Opens what is written to, and runs the capture. */
static int capture_to(const CaptureArguments *arguments, Capture *capture, GError **error)
{
	const OptionValues *values = &arguments->values;
	gboolean printing = is_printing(values), done = FALSE;
	CaptureTarget target = { 0 };
	Printer *printer = NULL;
	Output *printed = NULL;

	if (printing)
		printed = start_printer(arguments, &printer, error);
	if (printing && !values->write)
		target.output = printed;
	else if (!printing || printed)
		target.output = open_output(values, &target.rotation, error);
	if (target.output && printed && printed != target.output)
		target.copy = copy_new(g_steal_pointer(&printed));
	if (target.output)
		done = capture_run(capture, &target, choose_flags(values, printing), error);
	output_free(target.output);
	if (printed != target.output)
		output_free(printed);
	copy_free(target.copy);
	rotation_free(target.rotation);
	printer_finish(printer, done);
	return done ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

static int run(const CaptureArguments *arguments)
{
	const OptionValues *values = &arguments->values;
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *filter = NULL, *ssh_filter = NULL, *ssh_remark = NULL;
	g_autoptr(GPtrArray) points = NULL, hosts = NULL;
	g_autoptr(Capture) capture = NULL;
	CaptureRequest request = { .filter = arguments->filter, .options = values };
	const char *remarks[6] = { NULL };
	const char *remark = is_printing(values) ? arguments->unprinted : arguments->remark;
	Exclusion exclusion;
	guint count = 0;
	int status;

	hosts = resolve_hosts(arguments, &error);
	if (error)
		return fail(EXIT_STATUS_USAGE, error);
	if (!log_open(values->log_file, values->log_level, values->verbose, &error))
		return fail(EXIT_STATUS_FAILED, error);
	if (!check_log_apart(values, &error))
		return fail(EXIT_STATUS_USAGE, error);
	if (arguments->filter_file) {
		filter = filter_text_read(arguments->filter_file, &error);
		if (!filter)
			return fail(EXIT_STATUS_FAILED, error);
		request.filter = filter;
	}
	/* The output comes last: a typo in a hook or filter must not empty somebody's file. */
	points = resolve_points(broker, arguments, &error);
	if (!points)
		return fail(g_error_matches(error, POINT_ERROR, POINT_ERROR_NOT_FOUND) &&
					    !is_path(arguments->points[0])
				    ? EXIT_STATUS_USAGE
				    : EXIT_STATUS_FAILED,
			    error);
	request.points = points;
	request.hosts = hosts;
	if (points->len > 0)
		request.exclusion = exclude_ssh(values, &exclusion, &ssh_filter, &ssh_remark);
	request.remarks = remarks;
	if (is_printing(values) && lacks_tshark(arguments))
		remarks[count++] = "there is no tshark here: lines are xdpshark's own, without "
				   "what -V, -S and -o are for";
	if (remark)
		remarks[count++] = remark;
	/* Captures for another host have one each. */
	if (ssh_remark && values->alive <= 0)
		remarks[count++] = ssh_remark;
	if (option_wants_pcap(values))
		remarks[count++] = "pcap has no place for what XDP did to packets, nor for hook, "
				   "program and queue: pcapng has (-w FILE.pcapng)";
	if (overwrites_itself(values))
		remarks[count++] = "-G without a time in the name, such as %H%M%S: each file "
				   "overwrites the one before";
	capture = capture_new(broker, &request, &error);
	if (!capture)
		return fail(EXIT_STATUS_FAILED, error);
	status = capture_to(arguments, capture, &error);
	return status == EXIT_STATUS_OK ? EXIT_STATUS_OK : fail(status, error);
}

static gboolean fail_filters(const char *option, const char *words, GError **error)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "two filters given, '%s' with -f and '%s': join them by 'and' or 'or'", option,
		    words);
	return FALSE;
}

/* The last words, or the value of -f, or of -F. */
static gboolean take_filter(CaptureArguments *arguments, Habits *habits, GError **error)
{
	if (habits->filter && *arguments->filter)
		return fail_filters(habits->filter, arguments->filter, error);
	if (habits->filter) {
		g_free(arguments->filter);
		arguments->filter = g_steal_pointer(&habits->filter);
	}
	arguments->filter_file = g_steal_pointer(&habits->filter_file);
	if (!arguments->filter_file || !*arguments->filter)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "two filters given, '%s' and that of %s (-F): put both into the file, joined "
		    "by 'and' or 'or'",
		    arguments->filter, arguments->filter_file);
	return FALSE;
}

gboolean capture_arguments_parse(CaptureArguments *ret_arguments, int argc, char **argv,
				 GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new("HOOK… [FILTER]");
	g_auto(GStrv) operands = NULL;
	g_auto(Habits) habits = { 0 };
	const GOptionEntry entries[] = {
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &operands, NULL, NULL },
		{ 0 },
	};
	GOptionGroup *group;

	memset(ret_arguments, 0, sizeof(*ret_arguments));
	option_defaults(&ret_arguments->values);
	group = option_group(&ret_arguments->values, FALSE);
	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	g_option_context_set_summary(context,
				     "Captures packets at XDP, each with what the XDP "
				     "program did to it: prints them on a\n"
				     "terminal, or writes them as pcapng to a file or a pipe.");
	g_option_context_set_description(
		context,
		"HOOK is the path where a hook is pinned ('xdpshark list' shows them), its name\n"
		"(the last part of the path) or a device that leads to it, if that is only one\n"
		"hook; xdp-prog:DEVICE, an XDP program without a hook; tc:DEVICE, its tc "
		"programs;\n"
		"or xsk:DEVICE, what AF_XDP sockets send. -i HOOK may be written too. FILTER is "
		"one\n"
		"in tcpdump's language (pcap-filter(7)). Other options of tcpdump and dumpcap are\n"
		"accepted where they make sense here; others say what to use instead.\n\n"
		"  xdpshark capture xdp-prog:eth0 -a drop udp port 53\n"
		"  xdpshark capture /sys/fs/bpf/fw -n -a drop udp port 53\n"
		"  xdpshark capture -i eth0 -w drops.pcapng -a drop -a aborted\n");
	if (!habit_take(argc, argv, &habits, error) ||
	    !g_option_context_parse_strv(context, &habits.words, error) ||
	    !option_check(&ret_arguments->values, error))
		return FALSE;
	ret_arguments->list = habits.list;
	ret_arguments->remark = g_steal_pointer(&habits.remark);
	ret_arguments->unprinted = g_steal_pointer(&habits.unprinted);
	ret_arguments->style = g_steal_pointer(&habits.style);
	ret_arguments->handed = g_steal_pointer(&habits.handed);
	take_operands(ret_arguments, &habits, operands);
	if (!take_filter(ret_arguments, &habits, error))
		return FALSE;
	if (ret_arguments->points[0] || ret_arguments->list)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "no hook given: name the path where one is pinned, such as "
		    "/sys/fs/bpf/fw, or its device ('xdpshark list' shows them)");
	return FALSE;
}

void capture_arguments_clear(CaptureArguments *arguments)
{
	option_clear(&arguments->values);
	g_clear_pointer(&arguments->points, g_strfreev);
	g_clear_pointer(&arguments->filter, g_free);
	g_clear_pointer(&arguments->filter_file, g_free);
	g_clear_pointer(&arguments->remark, g_free);
	g_clear_pointer(&arguments->unprinted, g_free);
	g_clear_pointer(&arguments->style, g_free);
	g_clear_pointer(&arguments->handed, g_ptr_array_unref);
}

int capture_command(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	char *list_words[] = { "list", NULL };
	CaptureArguments arguments;
	int status;

	if (!capture_arguments_parse(&arguments, argc, argv, &error))
		status = fail(EXIT_STATUS_USAGE, error);
	else if (arguments.list)
		status = list_command(1, list_words);
	else
		status = run(&arguments);
	capture_arguments_clear(&arguments);
	return status;
}
