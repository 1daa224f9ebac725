// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_interface.h"

#include <stdio.h>
#include <string.h>

#include "dialog.h"
#include "interface.h"
#include "point.h"
#include "remote_list.h"
#include "terminal.h"

/* These fields count from 0, so that their tab is the first; the capture's options from here. */
#define FIRST_OPTION 100
#define POINT_FIELD  "remote-point"
#define RIGHTS_FIELD "remote-rights"

typedef struct {
	const char *name;
	const char *display;
	const char *type;
	const char *more; /* of the sentence */
	const char *tooltip;
} Field;

static const Field fields_shown[] = {
	{ "remote-host", "Host", "string", "", "Name or address, as for ssh" },
	{ "remote-port", "Port (0: ssh's own)", "integer", "{range=0,65535}{default=0}",
	  "Port of the ssh server" },
	{ "remote-user", "User (empty: ssh's own)", "string", "", "Who logs in there" },
	{ "ssh-key", "Private key (empty: ssh's own)", "fileselect", "{mustexist=true}",
	  "Key to log in with, in place of the agent's and the configuration's" },
	{ "ssh-jump", "Through the host (empty: ssh's own)", "string", "",
	  "Host between, as [USER@]HOST[:PORT]" },
	{ RIGHTS_FIELD, "Right to capture by", "selector", "",
	  "How that user gets the right to capture" },
	{ POINT_FIELD, "Hook or program", "selector", "{reload=true}{placeholder=Ask the host}",
	  "What to capture there: the button lists what the host has" },
	{ "remote-path", "Or by its path", "string", "",
	  "A hook that is not in the list, such as /sys/fs/bpf/fw, or a program, such as "
	  "xdp-prog:eth0" },
	{ "transport", "Instead of ssh (empty: ssh)", "string", "",
	  "Command that leads to the host, such as kubectl exec -i POD -- (%h: the host)" },
	{ "remote-program", "xdpshark there (empty: in its path)", "string", "",
	  "Where xdpshark is on the host" },
};

gboolean remote_interface_is(const char *interface)
{
	return g_strcmp0(interface, REMOTE_INTERFACE) == 0;
}

void remote_interface_add_options(GOptionGroup *group, RemoteFields *fields)
{
	const GOptionEntry entries[] = {
		{ "remote-host", 0, 0, G_OPTION_ARG_FILENAME, &fields->host, NULL, NULL },
		{ "remote-port", 0, 0, G_OPTION_ARG_FILENAME, &fields->port, NULL, NULL },
		{ "remote-user", 0, 0, G_OPTION_ARG_FILENAME, &fields->user, NULL, NULL },
		{ POINT_FIELD, 0, 0, G_OPTION_ARG_FILENAME, &fields->point, NULL, NULL },
		{ "remote-path", 0, 0, G_OPTION_ARG_FILENAME, &fields->path, NULL, NULL },
		{ 0 },
	};

	g_option_group_add_entries(group, entries);
	option_add_remote_rows(group);
}

void remote_fields_clear(RemoteFields *fields)
{
	g_free(fields->host);
	g_free(fields->port);
	g_free(fields->user);
	g_free(fields->point);
	g_free(fields->path);
	memset(fields, 0, sizeof(*fields));
}

void remote_interface_print(void)
{
	printf("interface {value=" REMOTE_INTERFACE "}{display=XDP on a remote host}\n");
}

static gboolean is_filled(const char *value)
{
	return value && *value;
}

static RemoteHost *find_host(const RemoteFields *fields, const OptionValues *values, GError **error)
{
	guint64 port = 0;

	if (is_filled(values->transport) && !is_filled(fields->host))
		return remote_host_of_transport(values->transport, error);
	if (!is_filled(fields->host)) {
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "no remote host is given: name it in the interface's options (the "
			    "gear)");
		return NULL;
	}
	if (is_filled(fields->port) &&
	    !g_ascii_string_to_unsigned(fields->port, 10, 0, G_MAXUINT16, &port, NULL)) {
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "--remote-port: '%s' is not a number from 0 to 65535", fields->port);
		return NULL;
	}
	return remote_host_new(fields->user, fields->host, (guint)port, error);
}

/* A text in a sentence of Wireshark's, which '}' would end. */
static void print_value(guint argument, const char *value, const char *display)
{
	g_autofree char *tame = terminal_tame(display);

	printf("value {arg=%u}{value=%s}{display=%s}\n", argument, value,
	       g_strdelimit(tame, "{}", '|'));
}

/* Points that are there on every machine. Whether the host lets them be captured, it says then. */
static void print_places(guint argument)
{
	for (gsize i = 0; source_types[i]; i++) {
		const SourcePlace *place = source_types[i]->places;

		for (; place && place->address; place++) {
			g_autofree char *value =
				g_strdup_printf("%s:%s", source_types[i]->scheme, place->address);

			print_value(argument, value, place->meaning);
		}
	}
}

/* If that fails, the reason is what there is to choose. */
static void print_points(guint argument, const RemoteFields *fields, const OptionValues *values)
{
	const RemoteAccess access = option_access(values);
	g_autoptr(GError) error = NULL;
	g_autoptr(RemoteHost) host = find_host(fields, values, &error);
	g_autoptr(GPtrArray) nameless = NULL;
	g_autoptr(GPtrArray) points =
		host ? remote_list(host, &access, FALSE, &nameless, &error) : NULL;
	guint count = 0;
	g_auto(GStrv) interfaces = points ? interface_values_of(points) : NULL;

	for (guint i = 0; points && i < points->len; i++) {
		if (!point_is_open(g_ptr_array_index(points, i)))
			continue;
		g_autofree char *display = point_display(g_ptr_array_index(points, i));

		print_value(argument, interfaces[i], display);
		count++;
	}
	if (error)
		print_value(argument, "", error->message);
	else if (count == 0)
		print_value(argument, "",
			    "There is no hook, nor a program that can be captured without one");
	if (!error)
		print_places(argument);
}

static void print_rights(guint argument)
{
	print_value(argument, "none", "nothing: it may capture");
	print_value(argument, "sudo", "sudo -n");
	print_value(argument, "doas", "doas -n");
}

void remote_interface_print_config(const char *reload, const RemoteFields *fields,
				   const OptionValues *values)
{
	for (guint i = 0; i < G_N_ELEMENTS(fields_shown); i++) {
		const Field *field = &fields_shown[i];

		if (reload && strcmp(reload, field->name) != 0)
			continue;
		if (!reload)
			printf("arg {number=%u}{call=--%s}{display=%s}{type=%s}%s{tooltip=%s}"
			       "{group=Host}\n",
			       i, field->name, field->display, field->type, field->more,
			       field->tooltip);
		if (strcmp(field->name, RIGHTS_FIELD) == 0)
			print_rights(i);
		if (reload && strcmp(field->name, POINT_FIELD) == 0)
			print_points(i, fields, values);
	}
	/* It may be a hook or a program. */
	dialog_print(&source_hook, source_hook.options | source_program.options, FIRST_OPTION,
		     reload);
}

GPtrArray *remote_interface_hosts(const RemoteFields *fields, const OptionValues *values,
				  GError **error)
{
	g_autoptr(RemoteHost) host = find_host(fields, values, error);
	const char *point = is_filled(fields->path) ? fields->path : fields->point;
	GPtrArray *hosts;

	if (!host)
		return NULL;
	if (!is_filled(point)) {
		g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_NAME,
			    "no hook of %s is chosen: list them in the interface's options (the "
			    "gear) and choose one, or give its path there",
			    host->label);
		return NULL;
	}
	g_ptr_array_add(host->points, g_strdup(point));
	hosts = g_ptr_array_new_with_free_func((GDestroyNotify)remote_host_free);
	g_ptr_array_add(hosts, g_steal_pointer(&host));
	return hosts;
}
