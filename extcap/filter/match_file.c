// SPDX-License-Identifier: GPL-2.0-or-later
#include "match_file.h"

#include "call.h"

/* One call has packets with about this many bytes, and at most this many packets. */
#define CALL_BYTES   ((gsize)1024 * 1024)
#define CALL_PACKETS 10000

gboolean match_file_filter(Broker *broker, const Filter *filter, GError **error)
{
	return broker_open_match(broker, filter->code, filter->length, error);
}

/* Reads packets for the next call; NULL if there are none. */
static GVariant *read_packets(CaptureFile *file, GError **error)
{
	GVariantBuilder packets;
	CapturePacket packet;
	gsize bytes = 0;
	guint count = 0;

	g_variant_builder_init(&packets, G_VARIANT_TYPE(CALL_PACKETS_TYPE));
	while (bytes < CALL_BYTES && count < CALL_PACKETS &&
	       capture_file_next(file, &packet, error)) {
		g_variant_builder_add(&packets, "(u@ay)", packet.wire_length,
				      g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, packet.data,
								packet.size, 1));
		bytes += packet.size;
		count++;
	}
	if (count > 0)
		return g_variant_builder_end(&packets);
	g_variant_builder_clear(&packets);
	return NULL;
}

static gboolean run_packets(Broker *broker, GVariant *packets,
			    void (*found)(guint32 value, gpointer data), gpointer data,
			    GError **error)
{
	g_autoptr(GVariant) values = broker_run_match(broker, packets, error);
	const guint32 *value;
	gsize count;

	if (!values)
		return FALSE;
	value = g_variant_get_fixed_array(values, &count, sizeof(*value));
	for (gsize i = 0; i < count; i++)
		found(value[i], data);
	return TRUE;
}

gboolean match_file(Broker *broker, CaptureFile *file, void (*found)(guint32 value, gpointer data),
		    gpointer data, GError **error)
{
	g_autoptr(GError) failure = NULL;
	GVariant *packets;

	while (!failure && (packets = read_packets(file, &failure)))
		if (!run_packets(broker, packets, found, data, error))
			return FALSE;
	if (!failure)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}
