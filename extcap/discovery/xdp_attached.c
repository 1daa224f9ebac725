// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_attached.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "device.h"
#include "xdp_function.h"

static char *find_name(int fd)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
	char *name = xdp_function_name(fd);

	if (name)
		return name;
	return g_strdup(bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.name : "");
}

static void add_program(Point *point, guint32 id)
{
	int fd = bpf_prog_get_fd_by_id(id);
	PointProgram *program;

	if (fd < 0)
		return;
	program = g_new0(PointProgram, 1);
	program->id = id;
	program->name = find_name(fd);
	close(fd);
	g_ptr_array_add(point->programs, program);
	point->programs_known = TRUE;
}

/* NULL if the device has no address of its own. */
static char *address_of(const Device *device)
{
	if (device->own_namespace)
		return g_strdup(device->name);
	if (device->namespace_name)
		return g_strdup_printf("%s:%s", device->namespace_name, device->name);
	return NULL;
}

/* A driver's program runs before a generic one, and comes first. */
static Point *point_of(const Device *device, char *address)
{
	Point *point = point_new(&source_program);

	point->address = address;
	point->id = device->programs[0];
	add_program(point, point->id);
	point->name = g_strdup(
		point->programs->len > 0 ? ((PointProgram *)point->programs->pdata[0])->name : "");
	g_ptr_array_add(point->devices, device_describe(device, point->id));
	return point;
}

/* All, or that of one address. */
static GPtrArray *find(const GPtrArray *devices, const char *wanted)
{
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		char *address = device->program_count > 0 ? address_of(device) : NULL;

		if (!address || (wanted && g_strcmp0(address, wanted) != 0))
			g_free(address);
		else
			g_ptr_array_add(points, point_of(device, address));
	}
	return points;
}

GPtrArray *xdp_attached_list(void)
{
	g_autoptr(GPtrArray) devices = device_list();

	return find(devices, NULL);
}

GPtrArray *xdp_attached_describe(const char *const *addresses, GError **error)
{
	g_autoptr(GPtrArray) devices = device_list();
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (; *addresses; addresses++) {
		GPtrArray *found = find(devices, *addresses);

		if (found->len == 0) {
			g_ptr_array_unref(found);
			g_set_error(
				error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
				"no XDP program is on device %s (xdpshark list shows those that "
				"have one; ip link sets one)",
				*addresses);
			return NULL;
		}
		g_ptr_array_extend_and_steal(points, found);
	}
	return g_steal_pointer(&points);
}
