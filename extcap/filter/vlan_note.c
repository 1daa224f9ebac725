// SPDX-License-Identifier: GPL-2.0-or-later
#include "vlan_note.h"

#include <string.h>

/* Number of devices to name before "and N more". */
#define MAX_NAMES 4

/* Devices that get their packets from others below them. The kernel has removed the outer tag by
 * then, whatever their own rx-vlan-offload says. XDP is generic there. */
static const char *const uppers[] = { "bridge",	 "ipvlan",	"ipvtap", "macvlan",
				      "macvtap", "openvswitch", "team" };

static gboolean is_upper(const PointDevice *device)
{
	for (gsize i = 0; device->kind && i < G_N_ELEMENTS(uppers); i++)
		if (strcmp(device->kind, uppers[i]) == 0)
			return TRUE;
	return FALSE;
}

static void append(GString *text, const char *separator, const char *format, const char *name)
{
	g_string_append(text, text->len > 0 ? separator : "");
	g_string_append_printf(text, format, name);
}

/* The names of some devices, as many as fit into a line. */
typedef struct {
	GString *names;
	GString *commands; /* that solve it */
	guint count;
	gboolean veth; /* there is a veth among them */
} Taking;

static void add_device(Taking *taking, const PointDevice *device)
{
	g_autofree char *name = point_device_format(device);

	if (taking->count++ >= MAX_NAMES)
		return;
	append(taking->names, ", ", "%s", name);
	append(taking->commands, "; ", "ethtool -K %s rxvlan off", device->name);
	/* Their packets arrive as the peer sends them, with the tags outside of the bytes. */
	taking->veth |= g_strcmp0(device->kind, "veth") == 0;
}

/* Collects the devices that do it because of others below them, or the rest; FALSE if there are
 * none. */
static gboolean find_devices(const Point *point, gboolean upper, Taking *taking)
{
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (link_type_of(device->hardware_type) == LINK_ETHERNET &&
		    is_upper(device) == upper && (upper || device->takes_vlan_tags))
			add_device(taking, device);
	}
	if (taking->count > MAX_NAMES)
		g_string_append_printf(taking->names, " and %u more", taking->count - MAX_NAMES);
	return taking->count > 0;
}

/* The reason and what to do follow it. */
static void append_note(GString *note, const Point *point, gboolean upper)
{
	g_autoptr(GString) names = g_string_new(NULL), commands = g_string_new(NULL);
	Taking taking = { .names = names, .commands = commands };

	if (!find_devices(point, upper, &taking))
		return;
	if (note->len == 0)
		g_string_append_printf(note, "%s %s: ", point->type->noun, point->address);
	else
		g_string_append(note, "; ");
	g_string_append_printf(
		note,
		"VLAN tags are removed before XDP on %s (%s), and filters with vlan match "
		"nothing there: %s",
		names->str, upper ? "packets come from devices below" : "rx-vlan-offload is on",
		upper ? "attach the program to those" : commands->str);
	if (taking.veth && !upper)
		g_string_append(note, "; and for a veth on its peer: ethtool -K PEER txvlan off");
}

char *vlan_note(const Point *point)
{
	GString *note;

	/* To packets of tc they are put back. */
	if (point->type->direction == SOURCE_OUTBOUND || point->type == &source_tc)
		return NULL;
	note = g_string_new(NULL);
	append_note(note, point, FALSE);
	append_note(note, point, TRUE);
	return g_string_free(note, note->len == 0);
}

gboolean vlan_note_concerns(const char *filter)
{
	return g_regex_match_simple("(?<![\\w.:-])(vlan|0x8100|0x88a8|0x9100)(?![\\w.:-])", filter,
				    G_REGEX_CASELESS, 0);
}
