// SPDX-License-Identifier: GPL-2.0-or-later
#include "vlan_note.h"

#include <string.h>

/* Devices that are named before "and N more". */
#define MAX_NAMES 4

static gboolean takes_tags(const PointDevice *device)
{
	return device->takes_vlan_tags && link_type_of(device->hardware_type) == LINK_ETHERNET;
}

static void append(GString *text, const char *separator, const char *format, const char *name)
{
	g_string_append(text, text->len > 0 ? separator : "");
	g_string_append_printf(text, format, name);
}

char *vlan_note(const Point *point)
{
	g_autoptr(GString) names = g_string_new(NULL), commands = g_string_new(NULL);
	gboolean peers = FALSE;
	guint count = 0;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		g_autofree char *name = NULL;

		if (!takes_tags(device) || count++ >= MAX_NAMES)
			continue;
		name = point_device_format(device);
		append(names, ", ", "%s", name);
		append(commands, "; ", "ethtool -K %s rxvlan off", device->name);
		/* Their packets come as the peer sends them, tags beside the bytes. */
		peers |= g_strcmp0(device->kind, "veth") == 0;
	}
	if (count == 0)
		return NULL;
	if (count > MAX_NAMES)
		g_string_append_printf(names, " and %u more", count - MAX_NAMES);
	return g_strdup_printf("%s %s: VLAN tags are taken off before XDP on %s (rx-vlan-offload "
			       "is on), and filters with vlan match nothing there: %s%s",
			       point->type->noun, point->address, names->str, commands->str,
			       peers ? "; and for a veth on its peer: ethtool -K PEER txvlan off"
				     : "");
}

gboolean vlan_note_concerns(const char *filter)
{
	return g_regex_match_simple("(?<![\\w.:-])(vlan|0x8100|0x88a8|0x9100)(?![\\w.:-])", filter,
				    G_REGEX_CASELESS, 0);
}
