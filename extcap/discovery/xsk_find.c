// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_find.h"

#include <string.h>

#include "device.h"
#include "xsk_map.h"

static gboolean has_sockets(const Device *device, XskMaps *maps)
{
	gboolean found = device->has_sockets;

	for (guint i = 0; i < device->program_count && !found; i++)
		found = xsk_maps_are_used_by(maps, device->programs[i]);
	return found;
}

static Point *point_of(const Device *device, char *address)
{
	Point *point = point_new(&source_xsk);

	point->address = address;
	point->name = g_strdup_printf("%s@xsk", device->name);
	point->id = device->ifindex;
	point->programs_known = TRUE;
	g_ptr_array_add(point->devices, device_describe(device, 0, 0));
	return point;
}

GPtrArray *xsk_list(void)
{
	g_autoptr(GPtrArray) devices = device_list_all();
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(XskMaps) maps = xsk_maps_new();

	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		char *address = has_sockets(device, maps) ? device_address(device) : NULL;

		if (address)
			g_ptr_array_add(points, point_of(device, address));
	}
	return points;
}

static Point *find(const char *wanted)
{
	const char *colon = strrchr(wanted, ':');
	g_autofree char *namespace_name = colon ? g_strndup(wanted, colon - wanted) : NULL;
	g_autoptr(GPtrArray) devices = device_list_all_in(namespace_name);

	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		char *address = device_address(device);

		if (g_strcmp0(address, wanted) == 0)
			return point_of(device, address);
		g_free(address);
	}
	return NULL;
}

GPtrArray *xsk_describe(const char *const *addresses, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (; *addresses; addresses++) {
		Point *point = find(*addresses);

		if (!point) {
			g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
				    "there is no device %s (ip link lists them; in another network "
				    "namespace it is NAMESPACE:DEVICE)",
				    *addresses);
			return NULL;
		}
		g_ptr_array_add(points, point);
	}
	return g_steal_pointer(&points);
}
