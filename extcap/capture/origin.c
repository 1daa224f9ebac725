// SPDX-License-Identifier: GPL-2.0-or-later
#include "origin.h"

#include <string.h>

#define ORIGINS_MAX 4096

struct Origins {
	GHashTable *all;    /* set of Origin * */
	GPtrArray *slots;   /* Origin *, by CPU and number; NULL: not known yet */
	const Origin *last; /* looked up by its index last */
};

static guint origin_hash(gconstpointer key)
{
	const Origin *origin = key;

	return origin->ifindex * 2654435761U + (guint)origin->namespace;
}

static gboolean origin_equal(gconstpointer left, gconstpointer right)
{
	const Origin *a = left, *b = right;

	return a->described == b->described && a->ifindex == b->ifindex &&
	       a->namespace == b->namespace && a->hardware_type == b->hardware_type &&
	       strcmp(a->name, b->name) == 0;
}

Origins *origins_new(void)
{
	Origins *origins = g_new0(Origins, 1);

	origins->all = g_hash_table_new_full(origin_hash, origin_equal, g_free, NULL);
	origins->slots = g_ptr_array_new();
	return origins;
}

void origins_free(Origins *origins)
{
	if (!origins)
		return;
	g_hash_table_unref(origins->all);
	g_ptr_array_unref(origins->slots);
	g_free(origins);
}

static Origin *intern(Origins *origins, const Origin *origin)
{
	Origin *known = g_hash_table_lookup(origins->all, origin);

	if (!known) {
		known = g_memdup2(origin, sizeof(*origin));
		g_hash_table_add(origins->all, known);
	}
	return known;
}

void origins_learn(Origins *origins, guint16 cpu, guint8 number,
		   const struct xdpshark_device *device)
{
	guint slot = (guint)cpu * XDPSHARK_DEVICES + number;
	Origin origin = {
		.described = TRUE,
		.ifindex = device->ifindex,
		.namespace = device->namespace,
		.hardware_type = device->type,
	};

	if (number >= XDPSHARK_DEVICES)
		return;
	memcpy(origin.name, device->name, sizeof(device->name));
	if (slot >= origins->slots->len)
		g_ptr_array_set_size(origins->slots, (gint)slot + 1);
	origins->slots->pdata[slot] = intern(origins, &origin);
}

const Origin *origins_find(Origins *origins, guint16 cpu, guint8 number, guint32 ifindex)
{
	guint slot = (guint)cpu * XDPSHARK_DEVICES + number;
	const Origin origin = { .ifindex = ifindex };

	if (number < XDPSHARK_DEVICES && slot < origins->slots->len && origins->slots->pdata[slot])
		return origins->slots->pdata[slot];
	if (!origins->last || origins->last->ifindex != ifindex)
		origins->last = intern(origins, &origin);
	return origins->last;
}

gboolean origins_are_many(const Origins *origins)
{
	return g_hash_table_size(origins->all) > ORIGINS_MAX;
}

static gboolean is_left(gpointer origin, gpointer value G_GNUC_UNUSED, gpointer used)
{
	return !g_hash_table_contains(used, origin);
}

void origins_forget(Origins *origins)
{
	g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < origins->slots->len; i++)
		g_hash_table_add(used, origins->slots->pdata[i]);
	g_hash_table_foreach_remove(origins->all, is_left, used);
	origins->last = NULL;
}

/* Whether the packets may come from that device. */
static gboolean is_candidate(const Origin *origin, const PointDevice *device)
{
	return device->ifindex == origin->ifindex &&
	       (!origin->described || (device->namespace_cookie == origin->namespace &&
				       strcmp(device->name, origin->name) == 0));
}

/* What all candidates have in common is certain, whichever one it is. */
static void add_candidate(OriginFacts *facts, const Point *point, const PointDevice *device,
			  guint n)
{
	const PointProgram *program = point_program(point, device->program_id);
	LinkType link = link_type_of(device->hardware_type);

	facts->device = n == 0 ? device : NULL;
	if (n == 0) {
		facts->name = device->name;
		facts->program = program;
		facts->link = link;
		return;
	}
	if (g_strcmp0(facts->name, device->name) != 0)
		facts->name = NULL;
	if (facts->program != program)
		facts->program = NULL;
	if (facts->link != link)
		facts->link = LINK_OTHER;
}

void origin_describe(const Origin *origin, const Point *point, OriginFacts *ret_facts)
{
	OriginFacts facts = { .link = LINK_OTHER };
	guint candidates = 0;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (is_candidate(origin, device))
			add_candidate(&facts, point, device, candidates++);
		if (origin->described && device->namespace_cookie == origin->namespace)
			facts.neighbour = device;
	}
	if (origin->described) {
		facts.name = origin->name[0] ? origin->name : NULL;
		facts.link = link_type_of(origin->hardware_type);
	} else {
		facts.neighbour = facts.device;
	}
	if (!facts.program && point->programs->len == 1)
		facts.program = g_ptr_array_index(point->programs, 0);
	*ret_facts = facts;
}
