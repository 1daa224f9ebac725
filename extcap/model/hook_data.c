// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of a hook, once it was found: memory and look-ups.
 */
#include "hook.h"

G_DEFINE_QUARK(xdpshark_hook_error, hook_error)

static void program_free(gpointer data)
{
	HookProgram *program = data;

	g_free(program->name);
	g_free(program);
}

static void hook_device_free(gpointer data)
{
	HookDevice *device = data;

	g_free(device->name);
	g_free(device->namespace_name);
	g_free(device->kind);
	g_free(device);
}

void hook_free(Hook *hook)
{
	if (!hook)
		return;
	for (guint i = 0; i < HOOK_MAX_SLOTS; i++)
		g_free(hook->slot_names[i]);
	g_ptr_array_unref(hook->programs);
	g_ptr_array_unref(hook->devices);
	g_free(hook->doubt);
	g_free(hook->name);
	g_free(hook->path);
	g_free(hook);
}

Hook *hook_new(void)
{
	Hook *hook = g_new0(Hook, 1);

	hook->programs = g_ptr_array_new_with_free_func(program_free);
	hook->devices = g_ptr_array_new_with_free_func(hook_device_free);
	return hook;
}

gboolean hook_device_is_near(const HookDevice *device)
{
	return device->own_namespace || device->namespace_name;
}

const HookDevice *hook_device(const Hook *hook, guint32 ifindex)
{
	const HookDevice *found = NULL;

	for (guint i = 0; i < hook->devices->len; i++) {
		const HookDevice *device = g_ptr_array_index(hook->devices, i);

		if (device->ifindex != ifindex)
			continue;
		if (found)
			return NULL;
		found = device;
	}
	return found;
}

guint hook_links(const Hook *hook)
{
	guint links = 0;

	for (guint i = 0; i < hook->devices->len; i++) {
		const HookDevice *device = g_ptr_array_index(hook->devices, i);

		links |= 1U << link_type_of(device->hardware_type);
	}
	return links;
}

LinkType hook_main_link(const Hook *hook)
{
	return hook_links(hook) == 1U << LINK_RAW_IP ? LINK_RAW_IP : LINK_ETHERNET;
}

const HookProgram *hook_program(const Hook *hook, guint32 id)
{
	for (guint i = 0; i < hook->programs->len; i++) {
		const HookProgram *program = g_ptr_array_index(hook->programs, i);

		if (program->id == id)
			return program;
	}
	return NULL;
}
