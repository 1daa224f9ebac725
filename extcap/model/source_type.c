// SPDX-License-Identifier: GPL-2.0-or-later
#include "source_type.h"

#include <string.h>

const SourceType *source_type_find(const char *scheme, gsize length)
{
	for (const SourceType *const *type = source_types; *type; type++)
		if (strlen((*type)->scheme) == length &&
		    strncmp((*type)->scheme, scheme, length) == 0)
			return *type;
	return NULL;
}

const SourceType *source_type_of(const char *text, const char **ret_address)
{
	const char *colon = strchr(text, ':');
	const SourceType *type = colon ? source_type_find(text, (gsize)(colon - text)) : NULL;

	if (!type || !source_type_takes(type, colon + 1))
		return NULL;
	*ret_address = colon + 1;
	return type;
}

gboolean source_type_takes(const SourceType *type, const char *address)
{
	return type->address == SOURCE_ADDRESS_PATH ? address[0] == '/' : address[0] != '\0';
}

const SourcePlace *source_place_find(const SourceType *type, const char *address)
{
	for (const SourcePlace *place = type->places; place && place->address; place++)
		if (strcmp(place->address, address) == 0)
			return place;
	return NULL;
}

const char *source_verdict_name(const SourceType *type, gint64 verdict)
{
	guint count = type->verdict_names ? type->verdict_names : type->verdict_count;

	for (guint i = 0; type->codes && i < count; i++)
		if (type->codes[i].number == verdict)
			return type->verdicts[i].name;
	if (type->codes || verdict < 0)
		return NULL;
	return source_slot_name(type, (guint)MIN(verdict, G_MAXUINT));
}

const char *source_slot_name(const SourceType *type, guint slot)
{
	return slot < type->verdict_count ? type->verdicts[slot].name : NULL;
}

/* XDP_DROP is accepted as well as DROP. */
static const char *without_prefix(const char *name)
{
	static const char *const prefixes[] = { "xdp_", "tc_act_", "tcx_" };

	for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if (g_ascii_strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return name + strlen(prefixes[i]);
	return name;
}

guint source_verdict_bit(const SourceType *type, const char *name)
{
	name = without_prefix(name);
	for (guint i = 0; i < type->verdict_count; i++) {
		const char *alias = type->codes ? type->codes[i].alias : NULL;

		if (g_ascii_strcasecmp(type->verdicts[i].name, name) == 0 ||
		    (alias && g_ascii_strcasecmp(alias, name) == 0))
			return 1U << i;
	}
	return 0;
}

char *source_verdict_names(const SourceType *type)
{
	GString *names = g_string_new(NULL);

	for (guint i = 0; i < type->verdict_count; i++) {
		g_autofree char *name = g_ascii_strdown(type->verdicts[i].name, -1);

		g_string_append_printf(names, "%s%s", i ? ", " : "", name);
	}
	return g_string_free(names, FALSE);
}

char *source_one(const SourceType *type)
{
	return g_strdup_printf("%s %s", strchr("AEIOX", type->title[0]) ? "an" : "a", type->title);
}
