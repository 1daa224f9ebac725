// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A point that was found: its memory, and look-ups in it.
 */
#include "point.h"

#include <string.h>

G_DEFINE_QUARK(xdpshark_point_error, point_error)

static void program_free(gpointer data)
{
	PointProgram *program = data;

	if (program->arrays)
		g_array_unref(program->arrays);
	g_free(program->name);
	g_free(program);
}

PointProgram *point_add_program(Point *point, guint32 id)
{
	PointProgram *program = g_new0(PointProgram, 1);

	program->id = id;
	g_ptr_array_add(point->programs, program);
	return program;
}

void point_copy_program(Point *point, const PointProgram *program)
{
	PointProgram *copy = g_memdup2(program, sizeof(*program));

	copy->name = g_strdup(program->name);
	if (copy->arrays)
		g_array_ref(copy->arrays);
	g_ptr_array_add(point->programs, copy);
}

static void device_free_item(gpointer data)
{
	PointDevice *device = data;

	g_free(device->name);
	g_free(device->namespace_name);
	g_free(device->kind);
	g_free(device);
}

PointSocket *point_socket_new(guint64 inode, guint32 pid, const char *process)
{
	PointSocket *socket = g_new0(PointSocket, 1);

	socket->inode = inode;
	socket->pid = pid;
	socket->process = g_strdup(process);
	return socket;
}

void point_socket_free(gpointer data)
{
	PointSocket *socket = data;

	g_free(socket->process);
	g_free(socket);
}

const PointSocket *point_socket(const Point *point, guint64 inode)
{
	for (guint i = 0; i < point->sockets->len; i++) {
		const PointSocket *socket = g_ptr_array_index(point->sockets, i);

		if (socket->inode == inode)
			return socket;
	}
	return NULL;
}

void point_free(Point *point)
{
	if (!point)
		return;
	for (guint i = 0; i < HOOK_MAX_SLOTS; i++)
		g_free(point->slots.names[i]);
	g_ptr_array_unref(point->programs);
	g_ptr_array_unref(point->devices);
	g_ptr_array_unref(point->sockets);
	g_free(point->doubt);
	g_free(point->refusal);
	g_free(point->hook);
	g_free(point->dispatcher);
	g_free(point->way);
	g_free(point->group);
	g_free(point->name);
	g_free(point->address);
	g_free(point);
}

Point *point_new(const SourceType *type)
{
	Point *point = g_new0(Point, 1);

	point->type = type;
	point->programs = g_ptr_array_new_with_free_func(program_free);
	point->devices = g_ptr_array_new_with_free_func(device_free_item);
	point->sockets = g_ptr_array_new_with_free_func(point_socket_free);
	return point;
}

PointAddress *point_address_new(const SourceType *type, const char *address)
{
	PointAddress *made = g_new0(PointAddress, 1);

	made->type = type;
	made->address = g_strdup(address);
	return made;
}

void point_address_free(PointAddress *address)
{
	if (!address)
		return;
	g_free(address->address);
	g_free(address);
}

gboolean point_device_is_near(const PointDevice *device)
{
	return device->own_namespace || device->namespace_name;
}

const char *xdp_mode_name(XdpMode mode)
{
	static const char *const names[XDP_MODE_COUNT] = { NULL, "native", "generic", "offload" };

	return mode < XDP_MODE_COUNT ? names[mode] : NULL;
}

gboolean point_is_open(const Point *point)
{
	return *point->address != '\0' && !point->refusal;
}

gboolean points_any_open(const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++)
		if (point_is_open(g_ptr_array_index(points, i)))
			return TRUE;
	return FALSE;
}

const PointDevice *point_device(const Point *point, guint32 ifindex)
{
	const PointDevice *found = NULL;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (device->ifindex != ifindex)
			continue;
		if (found)
			return NULL;
		found = device;
	}
	return found;
}

gboolean point_is_same(const Point *point, const Point *other)
{
	if (point->type != other->type)
		return FALSE;
	/* One program may be on several devices, and two devices may have the same index. */
	return point->type->address == SOURCE_ADDRESS_PATH
		       ? point->id == other->id
		       : strcmp(point->address, other->address) == 0;
}

gboolean point_is_part(const Point *point)
{
	return point->dispatcher || point->way;
}

SourceDirection point_direction(const Point *point)
{
	const char *way = point_way_word(point);

	if (g_strcmp0(way, "ingress") == 0)
		return SOURCE_INBOUND;
	/* A device of netkit runs its program for what it sends. */
	return way ? SOURCE_OUTBOUND : point->type->direction;
}

const char *point_way_word(const Point *point)
{
	const char *space = point->way ? strchr(point->way, ' ') : NULL;

	return space ? space + 1 : NULL;
}

guint point_links(const Point *point)
{
	guint links = 0;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		links |= 1U << link_type_of(device->hardware_type);
	}
	return links;
}

LinkType point_main_link(const Point *point)
{
	return point->type->link == SOURCE_LINK_OF_DEVICE && point_links(point) == 1U << LINK_RAW_IP
		       ? LINK_RAW_IP
		       : LINK_ETHERNET;
}

const PointProgram *point_program(const Point *point, guint32 id)
{
	for (guint i = 0; i < point->programs->len; i++) {
		const PointProgram *program = g_ptr_array_index(point->programs, i);

		if (program->id == id)
			return program;
	}
	return NULL;
}
