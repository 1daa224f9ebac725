// SPDX-License-Identifier: GPL-2.0-or-later
#include "function_interface.h"

#include <stdio.h>
#include <string.h>

#include "dialog.h"
#include "point.h"
#include "source_type.h"
#include "terminal.h"

/* No function of the kernel has that name. */
#define INTERFACE "kernel:functions"

#define TYPED_FIELD  "functions"
#define CHOSEN_FIELD "function"

/* The numbers of the fields, and of the first option behind them. */
enum { TYPED, CHOSEN, FIRST_OPTION };

gboolean function_interface_is(const char *interface)
{
	return g_strcmp0(interface, INTERFACE) == 0;
}

void function_interface_add_options(GOptionGroup *group, FunctionFields *fields)
{
	const GOptionEntry entries[] = {
		{ TYPED_FIELD, 0, 0, G_OPTION_ARG_FILENAME, &fields->typed, NULL, NULL },
		{ CHOSEN_FIELD, 0, 0, G_OPTION_ARG_FILENAME, &fields->chosen, NULL, NULL },
		{ 0 },
	};

	g_option_group_add_entries(group, entries);
}

void function_fields_clear(FunctionFields *fields)
{
	g_free(fields->typed);
	g_free(fields->chosen);
	memset(fields, 0, sizeof(*fields));
}

void function_interface_print(void)
{
	printf("interface {value=" INTERFACE "}{display=Packets at functions of the kernel}\n");
}

/* A text in a sentence of Wireshark's, which '}' would end. */
static void print_value(const char *value, const char *display)
{
	g_autofree char *tame = terminal_tame(display);

	printf("value {arg=%d}{value=%s}{display=%s}\n", CHOSEN, value,
	       g_strdelimit(tame, "{}", '|'));
}

/* What the last name that is typed is a part of. If that fails, the reason is what there is to
 * choose. */
static void print_functions(Broker *broker, const char *typed)
{
	const char *text = typed ? typed : "", *comma = strrchr(text, ',');
	g_autofree char *name = g_strstrip(g_strdup(comma ? comma + 1 : text));
	g_autofree char *pattern =
		strpbrk(name, "*?") ? g_strdup(name) : g_strconcat("*", name, "*", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) points = broker_find_points(broker, &source_kernel, pattern, &error);

	if (error)
		print_value("", error->message);
	else if (points->len == 0)
		print_value("", "No function or tracepoint with a packet has such a name");
	else
		print_value("", "Those named above");
	for (guint i = 0; points && i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		print_value(point->address, point->address);
	}
}

void function_interface_print_config(Broker *broker, const char *reload,
				     const FunctionFields *fields)
{
	if (!reload)
		printf("arg {number=%d}{call=--" TYPED_FIELD "}{display=Functions and tracepoints}"
		       "{type=string}{tooltip=Names with commas between; * and ? stand for any "
		       "characters and any one, such as ip_*}{group=Packets}\n"
		       "arg {number=%d}{call=--" CHOSEN_FIELD "}{display=Or one of the kernel's}"
		       "{type=selector}{reload=true}{placeholder=List them}"
		       "{tooltip=The button lists those that the last name above is a part of}"
		       "{group=Packets}\n",
		       TYPED, CHOSEN);
	else if (strcmp(reload, CHOSEN_FIELD) == 0)
		print_functions(broker, fields->typed);
	dialog_print(&source_kernel, source_kernel.options, FIRST_OPTION, reload);
}

PointAddress *function_interface_address(const FunctionFields *fields, GError **error)
{
	gboolean chosen = fields->chosen && *fields->chosen;
	const char *text = chosen ? fields->chosen : fields->typed;
	g_auto(GStrv) names = g_strsplit(text ? text : "", ",", -1);
	g_autofree char *address = NULL;

	for (char **name = names; *name; name++)
		g_strstrip(*name);
	address = g_strjoinv(",", names);
	if (*address)
		return point_address_new(&source_kernel, address);
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		    "no function is chosen: name it in the interface's options (the gear), such "
		    "as ip_rcv or ip_*");
	return NULL;
}
