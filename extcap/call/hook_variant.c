// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_variant.h"

#include <string.h>

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

static GVariant *device_to_variant(const HookDevice *device)
{
	return g_variant_new(
		"(@ayut@aybu@aytqb@ayt)", string_to_variant(device->name), device->ifindex,
		device->namespace, string_to_variant(device->namespace_name), device->own_namespace,
		device->program_id,
		bytes_to_variant(device->mac, device->has_mac ? sizeof(device->mac) : 0),
		device->speed, device->hardware_type, device->takes_vlan_tags,
		string_to_variant(device->kind), device->namespace_cookie);
}

static HookDevice *device_from_variant(GVariant *variant)
{
	HookDevice *device = g_new0(HookDevice, 1);
	g_autoptr(GVariant) name = NULL, namespace_name = NULL, mac = NULL, kind = NULL;
	const guint8 *bytes;
	gsize size;

	g_variant_get(variant, "(@ayut@aybu@aytqb@ayt)", &name, &device->ifindex,
		      &device->namespace, &namespace_name, &device->own_namespace,
		      &device->program_id, &mac, &device->speed, &device->hardware_type,
		      &device->takes_vlan_tags, &kind, &device->namespace_cookie);
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

GVariant *hook_to_variant(const Hook *hook)
{
	GVariantBuilder names, programs, devices;

	g_variant_builder_init(&names, G_VARIANT_TYPE("aay"));
	for (guint i = 0; i < HOOK_MAX_SLOTS; i++)
		g_variant_builder_add_value(&names, string_to_variant(hook->slot_names[i]));
	g_variant_builder_init(&programs, G_VARIANT_TYPE("a(uay)"));
	for (guint i = 0; i < hook->programs->len; i++) {
		const HookProgram *program = g_ptr_array_index(hook->programs, i);

		g_variant_builder_add(&programs, "(u@ay)", program->id,
				      string_to_variant(program->name));
	}
	g_variant_builder_init(&devices, G_VARIANT_TYPE("a" HOOK_DEVICE_VARIANT_TYPE));
	for (guint i = 0; i < hook->devices->len; i++)
		g_variant_builder_add_value(&devices,
					    device_to_variant(g_ptr_array_index(hook->devices, i)));
	return g_variant_new("(@ay@ayuu@auaayb@aya(uay)a" HOOK_DEVICE_VARIANT_TYPE ")",
			     string_to_variant(hook->path), string_to_variant(hook->name),
			     hook->map_id, hook->slot_count,
			     g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, hook->slots,
						       HOOK_MAX_SLOTS, sizeof(guint32)),
			     &names, hook->programs_known, string_to_variant(hook->doubt),
			     &programs, &devices);
}

static void slots_from_variant(Hook *hook, GVariant *slots, GVariant *names)
{
	gsize count;
	const guint32 *ids = g_variant_get_fixed_array(slots, &count, sizeof(guint32));

	for (guint i = 0; i < MIN(count, HOOK_MAX_SLOTS); i++)
		hook->slots[i] = ids[i];
	for (guint i = 0; i < MIN(g_variant_n_children(names), HOOK_MAX_SLOTS); i++) {
		g_autoptr(GVariant) name = g_variant_get_child_value(names, i);

		if (g_variant_n_children(name) > 0)
			hook->slot_names[i] = string_from_variant(name);
	}
}

Hook *hook_from_variant(GVariant *variant)
{
	Hook *hook = hook_new();
	g_autoptr(GVariant) path = NULL, name = NULL, slots = NULL, names = NULL, doubt = NULL,
			    programs = NULL, devices = NULL;

	g_variant_get(variant, "(@ay@ayuu@au@aayb@ay@a(uay)@a" HOOK_DEVICE_VARIANT_TYPE ")", &path,
		      &name, &hook->map_id, &hook->slot_count, &slots, &names,
		      &hook->programs_known, &doubt, &programs, &devices);
	hook->path = string_from_variant(path);
	hook->name = string_from_variant(name);
	hook->slot_count = MIN(hook->slot_count, HOOK_MAX_SLOTS);
	if (g_variant_n_children(doubt) > 0)
		hook->doubt = string_from_variant(doubt);
	slots_from_variant(hook, slots, names);
	for (gsize i = 0; i < g_variant_n_children(programs); i++) {
		HookProgram *program = g_new0(HookProgram, 1);
		g_autoptr(GVariant) program_name = NULL;

		g_variant_get_child(programs, i, "(u@ay)", &program->id, &program_name);
		program->name = string_from_variant(program_name);
		g_ptr_array_add(hook->programs, program);
	}
	for (gsize i = 0; i < g_variant_n_children(devices); i++) {
		g_autoptr(GVariant) device = g_variant_get_child_value(devices, i);

		g_ptr_array_add(hook->devices, device_from_variant(device));
	}
	return hook;
}

GVariant *hooks_to_variant(const GPtrArray *hooks)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a" HOOK_VARIANT_TYPE));
	for (guint i = 0; i < hooks->len; i++)
		g_variant_builder_add_value(&list, hook_to_variant(g_ptr_array_index(hooks, i)));
	return g_variant_builder_end(&list);
}

GPtrArray *hooks_from_variant(GVariant *variant)
{
	GPtrArray *hooks = g_ptr_array_new_with_free_func((GDestroyNotify)hook_free);

	for (gsize i = 0; i < g_variant_n_children(variant); i++) {
		g_autoptr(GVariant) hook = g_variant_get_child_value(variant, i);

		g_ptr_array_add(hooks, hook_from_variant(hook));
	}
	return hooks;
}
