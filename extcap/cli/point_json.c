// SPDX-License-Identifier: GPL-2.0-or-later
#include "point_json.h"

static void json_add_fact(JsonBuilder *builder, const char *name, Fact fact)
{
	json_builder_set_member_name(builder, name);
	if (fact == FACT_UNKNOWN)
		json_builder_add_null_value(builder);
	else
		json_builder_add_boolean_value(builder, fact == FACT_YES);
}

/* When, as people and programs read it. */
static char *format_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = seconds ? g_date_time_new_from_unix_utc(seconds) : NULL;

	return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static void json_add_program_facts(JsonBuilder *builder, const PointProgram *program)
{
	g_autofree char *loaded = format_time(program->loaded);
	char tag[17];

	g_snprintf(tag, sizeof(tag), "%016" G_GINT64_MODIFIER "x", program->tag);
	json_builder_begin_object(builder);
	json_add_number(builder, "id", program->id);
	json_add_string(builder, "name", program->name);
	json_add_string(builder, "tag", program->tag ? tag : NULL);
	json_add_string(builder, "loaded", loaded);
	json_add_fact(builder, "btf", program->btf);
	json_add_fact(builder, "frags", program->frags);
	json_add_boolean(builder, "tail_calls", program->dispatches);
	json_builder_end_object(builder);
}

static void json_add_program(JsonBuilder *builder, guint32 id, const char *name)
{
	json_builder_begin_object(builder);
	json_add_number(builder, "id", id);
	json_add_string(builder, "name", name);
	json_builder_end_object(builder);
}

static void json_add_slots(JsonBuilder *builder, const Point *point)
{
	json_builder_set_member_name(builder, "slots");
	json_builder_begin_array(builder);
	for (guint i = 0; i < point->slots.count; i++) {
		json_builder_begin_object(builder);
		json_add_string(builder, "action", source_slot_name(point->type, i));
		json_builder_set_member_name(builder, "program");
		if (point->slots.programs[i] != 0)
			json_add_program(builder, point->slots.programs[i], point->slots.names[i]);
		else
			json_builder_add_null_value(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

static void json_add_programs(JsonBuilder *builder, const Point *point)
{
	json_builder_set_member_name(builder, "programs");
	if (!point->programs_known) {
		json_builder_add_null_value(builder);
		return;
	}
	json_builder_begin_array(builder);
	for (guint i = 0; i < point->programs->len; i++)
		json_add_program_facts(builder, g_ptr_array_index(point->programs, i));
	json_builder_end_array(builder);
}

static void json_add_device(JsonBuilder *builder, const PointDevice *device)
{
	LinkType link = link_type_of(device->hardware_type);
	const guint8 *mac = device->mac;
	char text[18];

	g_snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		   mac[3], mac[4], mac[5]);
	json_builder_begin_object(builder);
	json_add_string(builder, "name", device->name);
	json_add_number(builder, "ifindex", device->ifindex);
	json_add_string(builder, "netns", device->namespace_name);
	json_add_number(builder, "netns_inode", device->namespace);
	json_add_boolean(builder, "own_netns", device->own_namespace);
	json_add_string(builder, "mode", xdp_mode_name(device->mode));
	json_add_string(builder, "kind", device->kind);
	json_add_string(builder, "link_type", link < LINK_TYPES ? link_types[link].name : NULL);
	json_add_boolean(builder, "rx_vlan_offload", device->takes_vlan_tags);
	json_add_string(builder, "mac", device->has_mac ? text : NULL);
	json_builder_set_member_name(builder, "speed");
	if (device->speed != 0)
		json_builder_add_int_value(builder, (gint64)device->speed);
	else
		json_builder_add_null_value(builder);
	json_builder_end_object(builder);
}

static void json_add_devices(JsonBuilder *builder, const Point *point)
{
	json_builder_set_member_name(builder, "devices");
	if (!point->programs_known) {
		json_builder_add_null_value(builder);
		return;
	}
	json_builder_begin_array(builder);
	for (guint i = 0; i < point->devices->len; i++)
		json_add_device(builder, g_ptr_array_index(point->devices, i));
	json_builder_end_array(builder);
}

void point_json_add(JsonBuilder *builder, const Point *point, const char *interface)
{
	gboolean there = *point->address != '\0';
	gboolean path = there && point->type->address == SOURCE_ADDRESS_PATH;

	json_builder_begin_object(builder);
	json_add_string(builder, "source", there ? point->type->scheme : NULL);
	json_add_string(builder, "address", there ? point->address : NULL);
	json_add_string(builder, "path", path ? point->address : NULL);
	json_add_string(builder, "name", there ? point->name : NULL);
	json_add_string(builder, "interface", interface);
	if (point->slots.count > 0) {
		json_add_number(builder, "map_id", point->id);
	} else {
		json_builder_set_member_name(builder, "map_id");
		json_builder_add_null_value(builder);
	}
	json_builder_set_member_name(builder, "proven");
	json_builder_add_boolean_value(builder, there && !point->doubt);
	json_add_string(builder, "doubt", point->doubt);
	json_add_string(builder, "refusal", point->refusal);
	json_add_string(builder, "hook", point->hook);
	json_add_string(builder, "dispatcher", point->dispatcher);
	json_add_string(builder, "attached", point->way);
	json_add_slots(builder, point);
	json_add_programs(builder, point);
	json_add_devices(builder, point);
	json_builder_end_object(builder);
}
