// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_version.h"

static FilterVersion *version_at(const GPtrArray *versions, guint index)
{
	return g_ptr_array_index(versions, index);
}

static FileInterface *interface_at(const FilterVersion *version, guint index)
{
	return g_ptr_array_index(version->interfaces, index);
}

FileInterface *filter_version_interface(const FilterVersion *version, guint8 direction,
					LinkType link)
{
	return interface_at(version, direction * LINK_TYPES + link);
}

FileInterface *filter_version_place(FilterVersion *version, guint16 place, LinkType link)
{
	gpointer key = GUINT_TO_POINTER((guint)place * LINK_TYPES + link);
	FileInterface *interface = g_hash_table_lookup(version->places, key);

	if (interface)
		return interface;
	interface = g_new0(FileInterface, 1);
	g_ptr_array_add(version->interfaces, interface);
	g_hash_table_insert(version->places, key, interface);
	return interface;
}

static void interface_free(gpointer data)
{
	FileInterface *interface = data;

	common_clear(&interface->common);
	g_free(interface);
}

static void version_free(gpointer data)
{
	FilterVersion *version = data;

	g_hash_table_unref(version->places);
	g_ptr_array_unref(version->interfaces);
	g_free(version->filter);
	g_free(version);
}

GPtrArray *filter_versions_new(const char *filter)
{
	GPtrArray *versions = g_ptr_array_new_with_free_func(version_free);

	filter_versions_add(versions, 0, filter);
	return versions;
}

void filter_versions_add(GPtrArray *versions, guint32 number, const char *filter)
{
	FilterVersion *version = g_new0(FilterVersion, 1);

	version->number = (guint8)number;
	version->filter = g_strdup(filter);
	version->interfaces = g_ptr_array_new_with_free_func(interface_free);
	version->places = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < INTERFACES; i++)
		g_ptr_array_add(version->interfaces, g_new0(FileInterface, 1));
	g_ptr_array_add(versions, version);
}

FilterVersion *filter_versions_newest(const GPtrArray *versions)
{
	return version_at(versions, versions->len - 1);
}

/* Mostly the newest: only while programs are exchanged, packets of two come. */
FilterVersion *filter_versions_find(const GPtrArray *versions, guint8 number)
{
	for (guint i = versions->len; i-- > 0;)
		if (version_at(versions, i)->number == number)
			return version_at(versions, i);
	return filter_versions_newest(versions);
}

guint64 filter_versions_packets(const GPtrArray *versions)
{
	guint64 packets = 0;

	for (guint i = 0; i < versions->len; i++)
		for (guint k = 0; k < version_at(versions, i)->interfaces->len; k++)
			packets += interface_at(version_at(versions, i), k)->packets;
	return packets;
}

guint32 filter_versions_first(const GPtrArray *versions)
{
	guint32 first = G_MAXUINT32;

	for (guint i = 0; i < versions->len; i++)
		for (guint k = 0; k < version_at(versions, i)->interfaces->len; k++) {
			const FileInterface *interface = interface_at(version_at(versions, i), k);

			if (interface->written)
				first = MIN(first, interface->number);
		}
	return first;
}

void filter_versions_restart(const GPtrArray *versions)
{
	for (guint i = 0; i < versions->len; i++)
		for (guint k = 0; k < version_at(versions, i)->interfaces->len; k++) {
			FileInterface *interface = interface_at(version_at(versions, i), k);

			interface->written = FALSE;
			interface->packets = 0;
		}
}
