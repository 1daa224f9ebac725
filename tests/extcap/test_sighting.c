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

typedef struct {
	const char *name;
	struct xdpshark_program_extra extra;
	guint8 other; /* this byte has changed; 0: none */
	const char *expected;
} Case;

static const Case cases[] = {
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

/* Of a program of tc: what is in front of it moves the rest, whose beginning stays. */
static const Case tc_cases[] = {
	{ "nothing", { 0 }, 0, "" },
	{ "a mark", { .mark = 7, .flags = XDPSHARK_MARK_CHANGED }, 0, " changed=mark mark=0x7" },
	{ "bytes and mark",
	  { .duration = 9, .mark = 0x1f, .flags = XDPSHARK_MARK_CHANGED },
	  3,
	  " ns=9 changed=bytes,mark mark=0x1f" },
	{ "the same mark", { .mark = 7 }, 0, " mark=0x7" },
	{ "longer", { .tail = 9 }, 0, " changed=tail" },
	{ "shorter, and bytes", { .tail = -1 }, 1, " changed=bytes,tail" },
	{ "a device", { .flags = XDPSHARK_TARGET, .target = 1 }, 0, " redirect=if:lo" },
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

static void check(gboolean of_skb, const Case *all, guint count)
{
	Sightings *sightings = sightings_new(TRUE, of_skb);

	for (guint i = 0; i < count; i++) {
		Record record = { .record = { .packet = i + 1, .direction = XDPSHARK_ENTRY } };
		Sighting sighting;

		for (guint k = 0; k < LENGTH; k++)
			record.data[k] = (guint8)k;
		look(sightings, &record, &sighting);
		g_assert_cmpuint(sighting.length, ==, 0);
		record.record.direction = XDPSHARK_EXIT;
		record.extra = all[i].extra;
		if (all[i].other)
			record.data[all[i].other] = 0xee;
		look(sightings, &record, &sighting);
		g_assert_cmpmem(sighting.words, sighting.length, all[i].expected,
				strlen(all[i].expected));
	}
	sightings_free(sightings);
}

static void test_words(void)
{
	check(FALSE, cases, G_N_ELEMENTS(cases));
}

static void test_tc(void)
{
	check(TRUE, tc_cases, G_N_ELEMENTS(tc_cases));
}

/* A tag is put in behind the addresses. */
static void test_tc_moved(void)
{
	Record record = { .record = { .packet = 1, .direction = XDPSHARK_ENTRY } };
	Sightings *sightings = sightings_new(TRUE, TRUE);
	const char *expected = " changed=bytes,head";
	Sighting sighting;

	for (guint k = 0; k < LENGTH; k++)
		record.data[k] = (guint8)k;
	look(sightings, &record, &sighting);
	memmove(record.data + 16, record.data + 12, LENGTH - 16);
	memset(record.data + 12, 0x81, 4);
	record.record.direction = XDPSHARK_EXIT;
	record.extra.tail = 4;
	look(sightings, &record, &sighting);
	g_assert_cmpmem(sighting.words, sighting.length, expected, strlen(expected));
	sightings_free(sightings);
}

/* Of another packet nothing is known. */
static void test_missing(void)
{
	Record record = { .record = { .packet = 1, .direction = XDPSHARK_ENTRY } };
	Sightings *sightings = sightings_new(TRUE, FALSE);
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
	g_test_add_func("/sighting/tc", test_tc);
	g_test_add_func("/sighting/tc-moved", test_tc_moved);
	g_test_add_func("/sighting/missing", test_missing);
	return g_test_run();
}
