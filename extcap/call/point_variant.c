// SPDX-License-Identifier: GPL-2.0-or-later
#include "point_variant.h"

#include <string.h>

/* Texts about a point that it may have or not. */
#define REMARKS 6

static GVariant *bytes_to_variant(const void *bytes, gsize size)
{
	return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, size, 1);
}

static GVariant *string_to_variant(const char *string)
{
	return bytes_to_variant(string, string ? strlen(string) : 0);
}

static char *string_from_variant(GVariant *variant)
{
	gsize size;
	const char *bytes = g_variant_get_fixed_array(variant, &size, 1);

	return g_strndup(bytes ? bytes : "", size);
}

static GVariant *device_to_variant(const PointDevice *device)
{
	return g_variant_new(
		"(@ayut@aybu@aytqb@ayty)", string_to_variant(device->name), device->ifindex,
		device->namespace, string_to_variant(device->namespace_name), device->own_namespace,
		device->program_id,
		bytes_to_variant(device->mac, device->has_mac ? sizeof(device->mac) : 0),
		device->speed, device->hardware_type, device->takes_vlan_tags,
		string_to_variant(device->kind), device->namespace_cookie, (guint8)device->mode);
}

static PointDevice *device_from_variant(GVariant *variant)
{
	PointDevice *device = g_new0(PointDevice, 1);
	g_autoptr(GVariant) name = NULL, namespace_name = NULL, mac = NULL, kind = NULL;
	const guint8 *bytes;
	guint8 mode;
	gsize size;

	g_variant_get(variant, "(@ayut@aybu@aytqb@ayty)", &name, &device->ifindex,
		      &device->namespace, &namespace_name, &device->own_namespace,
		      &device->program_id, &mac, &device->speed, &device->hardware_type,
		      &device->takes_vlan_tags, &kind, &device->namespace_cookie, &mode);
	device->mode = MIN(mode, XDP_MODE_COUNT - 1);
	device->name = string_from_variant(name);
	if (g_variant_n_children(kind) > 0)
		device->kind = string_from_variant(kind);
	if (g_variant_n_children(namespace_name) > 0)
		device->namespace_name = string_from_variant(namespace_name);
	bytes = g_variant_get_fixed_array(mac, &size, 1);
	device->has_mac = size == sizeof(device->mac);
	if (device->has_mac)
		memcpy(device->mac, bytes, size);
	return device;
}

static GVariant *program_to_variant(const PointProgram *program)
{
	return g_variant_new("(u@aytxyyb)", program->id, string_to_variant(program->name),
			     program->tag, program->loaded, (guint8)program->btf,
			     (guint8)program->frags, program->dispatches);
}

static void program_from_variant(Point *point, GVariant *variant)
{
	PointProgram *program = point_add_program(point, 0);
	g_autoptr(GVariant) name = NULL;
	guint8 btf, frags;

	g_variant_get(variant, "(u@aytxyyb)", &program->id, &name, &program->tag, &program->loaded,
		      &btf, &frags, &program->dispatches);
	program->name = string_from_variant(name);
	program->btf = MIN(btf, FACT_YES);
	program->frags = MIN(frags, FACT_YES);
}

/* In the order of the message. */
static void list_remarks(Point *point, char **ret_remarks[static REMARKS])
{
	char **const remarks[REMARKS] = { &point->doubt,      &point->refusal, &point->hook,
					  &point->dispatcher, &point->way,     &point->group };

	memcpy(ret_remarks, remarks, sizeof(remarks));
}

static GVariant *sockets_to_variant(const GPtrArray *sockets)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(tuay)"));
	for (guint i = 0; i < sockets->len; i++) {
		const PointSocket *socket = g_ptr_array_index(sockets, i);

		g_variant_builder_add(&builder, "(tu@ay)", socket->inode, socket->pid,
				      string_to_variant(socket->process));
	}
	return g_variant_builder_end(&builder);
}

static void sockets_from_variant(GPtrArray *sockets, GVariant *variant)
{
	for (gsize i = 0; i < g_variant_n_children(variant); i++) {
		g_autoptr(GVariant) name = NULL;
		g_autofree char *process = NULL;
		guint64 inode;
		guint32 pid;

		g_variant_get_child(variant, i, "(tu@ay)", &inode, &pid, &name);
		process = string_from_variant(name);
		g_ptr_array_add(sockets, point_socket_new(inode, pid, process));
	}
}

GVariant *point_to_variant(const Point *point)
{
	GVariantBuilder names, remarks, programs, devices;
	char **texts[REMARKS];

	list_remarks((Point *)point, texts);
	g_variant_builder_init(&names, G_VARIANT_TYPE("aay"));
	for (guint i = 0; i < HOOK_MAX_SLOTS; i++)
		g_variant_builder_add_value(&names, string_to_variant(point->slots.names[i]));
	g_variant_builder_init(&remarks, G_VARIANT_TYPE("aay"));
	for (guint i = 0; i < REMARKS; i++)
		g_variant_builder_add_value(&remarks, string_to_variant(*texts[i]));
	g_variant_builder_init(&programs, G_VARIANT_TYPE("a" POINT_PROGRAM_VARIANT_TYPE));
	for (guint i = 0; i < point->programs->len; i++)
		g_variant_builder_add_value(
			&programs, program_to_variant(g_ptr_array_index(point->programs, i)));
	g_variant_builder_init(&devices, G_VARIANT_TYPE("a" POINT_DEVICE_VARIANT_TYPE));
	for (guint i = 0; i < point->devices->len; i++)
		g_variant_builder_add_value(
			&devices, device_to_variant(g_ptr_array_index(point->devices, i)));
	return g_variant_new("(s@ay@ayuu@auaaybaaya" POINT_PROGRAM_VARIANT_TYPE
			     "a" POINT_DEVICE_VARIANT_TYPE "@a(tuay))",
			     point->type->scheme, string_to_variant(point->address),
			     string_to_variant(point->name), point->id, point->slots.count,
			     g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, point->slots.programs,
						       HOOK_MAX_SLOTS, sizeof(guint32)),
			     &names, point->programs_known, &remarks, &programs, &devices,
			     sockets_to_variant(point->sockets));
}

static void slots_from_variant(Point *point, GVariant *slots, GVariant *names)
{
	gsize count;
	const guint32 *ids = g_variant_get_fixed_array(slots, &count, sizeof(guint32));

	for (guint i = 0; i < MIN(count, HOOK_MAX_SLOTS); i++)
		point->slots.programs[i] = ids[i];
	for (guint i = 0; i < MIN(g_variant_n_children(names), HOOK_MAX_SLOTS); i++) {
		g_autoptr(GVariant) name = g_variant_get_child_value(names, i);

		if (g_variant_n_children(name) > 0)
			point->slots.names[i] = string_from_variant(name);
	}
}

static const SourceType *type_from_variant(GVariant *variant)
{
	const char *scheme;

	g_variant_get_child(variant, 0, "&s", &scheme);
	return source_type_find(scheme, strlen(scheme));
}

static void remarks_from_variant(Point *point, GVariant *remarks)
{
	char **texts[REMARKS];

	list_remarks(point, texts);
	for (guint i = 0; i < MIN(g_variant_n_children(remarks), REMARKS); i++) {
		g_autoptr(GVariant) text = g_variant_get_child_value(remarks, i);

		if (g_variant_n_children(text) > 0)
			*texts[i] = string_from_variant(text);
	}
}

Point *point_from_variant(GVariant *variant)
{
	const SourceType *type = type_from_variant(variant);
	Point *point;
	g_autoptr(GVariant) path = NULL, name = NULL, slots = NULL, names = NULL, remarks = NULL,
			    programs = NULL, devices = NULL, sockets = NULL;
	const char *scheme;

	if (!type)
		return NULL;
	point = point_new(type);
	g_variant_get(variant,
		      "(&s@ay@ayuu@au@aayb@aay@a" POINT_PROGRAM_VARIANT_TYPE
		      "@a" POINT_DEVICE_VARIANT_TYPE "@a(tuay))",
		      &scheme, &path, &name, &point->id, &point->slots.count, &slots, &names,
		      &point->programs_known, &remarks, &programs, &devices, &sockets);
	point->address = string_from_variant(path);
	point->name = string_from_variant(name);
	point->slots.count = MIN(point->slots.count, HOOK_MAX_SLOTS);
	slots_from_variant(point, slots, names);
	remarks_from_variant(point, remarks);
	for (gsize i = 0; i < g_variant_n_children(programs); i++) {
		g_autoptr(GVariant) program = g_variant_get_child_value(programs, i);

		program_from_variant(point, program);
	}
	for (gsize i = 0; i < g_variant_n_children(devices); i++) {
		g_autoptr(GVariant) device = g_variant_get_child_value(devices, i);

		g_ptr_array_add(point->devices, device_from_variant(device));
	}
	sockets_from_variant(point->sockets, sockets);
	return point;
}

GVariant *points_to_variant(const GPtrArray *points)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a" POINT_VARIANT_TYPE));
	for (guint i = 0; i < points->len; i++)
		g_variant_builder_add_value(&list, point_to_variant(g_ptr_array_index(points, i)));
	return g_variant_builder_end(&list);
}

GPtrArray *points_from_variant(GVariant *variant)
{
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (gsize i = 0; i < g_variant_n_children(variant); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(variant, i);
		Point *point = point_from_variant(child);

		if (point)
			g_ptr_array_add(points, point);
	}
	return points;
}
