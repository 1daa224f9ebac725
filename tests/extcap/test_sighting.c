// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said of a packet that was seen at entry and at exit. */
#include "sighting.h"

#include <linux/bpf.h>
#include <string.h>

#include "program_record.h"

#define LENGTH 20

typedef struct {
	struct xdpshark_record record;
	struct xdpshark_program_extra extra;
	guint8 data[LENGTH];
} Record;

static const struct {
	const char *name;
	struct xdpshark_program_extra extra;
	guint8 other; /* this byte has changed; 0: none */
	const char *expected;
} cases[] = {
	{ "nothing", { 0 }, 0, "" },
	{ "a short time", { .duration = 1 }, 0, " ns=1" },
	{ "a long time", { .duration = G_MAXUINT64 }, 0, " ns=18446744073709551615" },
	{ "bytes", { .duration = 412 }, 3, " ns=412 changed=bytes" },
	{ "head", { .head = -4 }, 0, " changed=bytes,head" },
	{ "tail", { .tail = 9 }, 0, " changed=tail" },
	{ "all", { .tail = 9, .head = 2 }, 1, " changed=bytes,head,tail" },
	{ "a map",
	  { .flags = XDPSHARK_TARGET, .map = 3, .map_type = BPF_MAP_TYPE_DEVMAP, .target = 1 },
	  0,
	  " redirect=devmap:3:1" },
	{ "another entry of it",
	  { .flags = XDPSHARK_TARGET, .map = 3, .map_type = BPF_MAP_TYPE_DEVMAP, .target = 2 },
	  0,
	  " redirect=devmap:3:2" },
	{ "a device", { .flags = XDPSHARK_TARGET, .target = 1 }, 0, " redirect=if:lo" },
	{ "no device", { .flags = XDPSHARK_TARGET, .target = 0x7ffffff0 }, 0, "" },
	{ "a part", { .flags = XDPSHARK_LINEAR_ONLY }, 0, " part=linear" },
};

static void look(Sightings *sightings, const Record *record, Sighting *ret_sighting)
{
	const RingPacket packet = { .time = record->record.time,
				    .captured_length = LENGTH,
				    .wire_length = LENGTH,
				    .extra = sizeof(record->extra),
				    .record = &record->record,
				    .data = record->data };

	sightings_look(sightings, &packet, ret_sighting);
}

static void test_words(void)
{
	Sightings *sightings = sightings_new(TRUE);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Record record = { .record = { .packet = i + 1, .direction = XDPSHARK_ENTRY } };
		Sighting sighting;

		for (guint k = 0; k < LENGTH; k++)
			record.data[k] = (guint8)k;
		look(sightings, &record, &sighting);
		g_assert_cmpuint(sighting.length, ==, 0);
		record.record.direction = XDPSHARK_EXIT;
		record.extra = cases[i].extra;
		if (cases[i].other)
			record.data[cases[i].other] = 0xee;
		look(sightings, &record, &sighting);
		g_assert_cmpmem(sighting.words, sighting.length, cases[i].expected,
				strlen(cases[i].expected));
	}
	sightings_free(sightings);
}

/* Of another packet nothing is known. */
static void test_missing(void)
{
	Record record = { .record = { .packet = 1, .direction = XDPSHARK_ENTRY } };
	Sightings *sightings = sightings_new(TRUE);
	Sighting sighting;

	look(sightings, &record, &sighting);
	record.record.packet = 5;
	record.record.direction = XDPSHARK_EXIT;
	record.data[3] = 1;
	look(sightings, &record, &sighting);
	g_assert_cmpuint(sighting.length, ==, 0);
	record.record.direction = XDPSHARK_NO_DIRECTION;
	look(sightings, &record, &sighting);
	g_assert_cmpuint(sighting.length, ==, 0);
	sightings_free(sightings);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sighting/words", test_words);
	g_test_add_func("/sighting/missing", test_missing);
	return g_test_run();
}
