/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journey_statistics.h"

#include <epan/stat_tap_ui.h>
#include <epan/strutil.h>
#include <epan/tap.h>
#include <math.h>
#include <string.h>

/* The name of the tap, and tshark's -z. */
#define TAP_NAME "skb_journeys"
#define CLI_NAME "skb,journeys"

/* Files that anyone may have written may name as many points as they like; those above are one. */
#define ROWS_MAX 1000

static int tap_journeys = -1;

enum { COLUMN_WAY, COLUMN_COUNT, COLUMN_MEAN, COLUMN_P99, COLUMN_MIN, COLUMN_MAX, COLUMNS };

static stat_tap_table_item columns[COLUMNS] = {
	[COLUMN_WAY] = { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "From and to", "%-60s" },
	[COLUMN_COUNT] = { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Packets", "%u" },
	[COLUMN_MEAN] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Mean (us)", "%.3f" },
	[COLUMN_P99] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "p99 (us)", "%.3f" },
	[COLUMN_MIN] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Least (us)", "%.3f" },
	[COLUMN_MAX] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Most (us)", "%.3f" },
};

/* Times by size: so many steps for each power of two, of which the last digits are not kept. */
#define STEP_BITS 5
#define STEPS	  (1U << STEP_BITS)
#define BUCKETS	  (STEPS * (64 - STEP_BITS + 1))

/* The times from one point to another, in ns. */
typedef struct {
	uint64_t count;
	uint64_t sum;
	uint64_t least;
	uint64_t most;
	uint32_t buckets[BUCKETS];
} Times;

/* What the tap hands over. */
typedef struct {
	const char *way;
	uint64_t time;
} Passed;

static unsigned bucket_of(uint64_t time)
{
	unsigned shift;

	if (time < STEPS)
		return (unsigned)time;
	shift = 63 - (unsigned)__builtin_clzll(time) - STEP_BITS;
	return STEPS * (shift + 1) + ((unsigned)(time >> shift) & (STEPS - 1));
}

/* The most that is in a bucket. */
static uint64_t bucket_end(unsigned bucket)
{
	unsigned shift = bucket / STEPS;

	if (shift == 0)
		return bucket;
	shift--;
	return ((uint64_t)(STEPS + bucket % STEPS) << shift) + ((UINT64_C(1) << shift) - 1);
}

/* The time that 99 of 100 packets did not need longer than. */
static uint64_t times_p99(const Times *times)
{
	uint64_t beyond = times->count / 100, seen = 0;

	for (unsigned i = BUCKETS; i > 0; i--) {
		seen += times->buckets[i - 1];
		if (seen > beyond)
			return MIN(bucket_end(i - 1), times->most);
	}
	return times->most;
}

static void times_add(Times *times, uint64_t time)
{
	if (times->count == 0 || time < times->least)
		times->least = time;
	times->most = MAX(times->most, time);
	times->sum += time;
	times->count++;
	times->buckets[bucket_of(time)]++;
}

static void number_set(stat_tap_table *table, unsigned row, unsigned column, uint64_t nanoseconds)
{
	stat_tap_table_item_type *item = stat_tap_get_field_data(table, row, column);

	item->value.float_value = (double)nanoseconds / 1000;
	stat_tap_set_field_data(table, row, column, item);
}

static Times *times_of(const stat_tap_table *table, unsigned row)
{
	return stat_tap_get_field_data(table, row, COLUMN_WAY)->user_data.ptr_value;
}

static void row_show(stat_tap_table *table, unsigned row)
{
	const Times *times = times_of(table, row);
	stat_tap_table_item_type *count = stat_tap_get_field_data(table, row, COLUMN_COUNT);

	count->value.uint_value = (unsigned)MIN(times->count, UINT32_MAX);
	stat_tap_set_field_data(table, row, COLUMN_COUNT, count);
	number_set(table, row, COLUMN_MEAN, times->count ? times->sum / times->count : 0);
	number_set(table, row, COLUMN_P99, times_p99(times));
	number_set(table, row, COLUMN_MIN, times->least);
	number_set(table, row, COLUMN_MAX, times->most);
}

static void row_make(stat_tap_table *table, unsigned row, const char *way)
{
	stat_tap_table_item_type items[COLUMNS] = { 0 };

	for (unsigned i = 0; i < COLUMNS; i++)
		items[i].type = columns[i].type;
	items[COLUMN_WAY].value.string_value = g_strdup(way);
	items[COLUMN_WAY].user_data.ptr_value = g_new0(Times, 1);
	stat_tap_init_table_row(table, row, COLUMNS, items);
}

static unsigned row_find(stat_tap_table *table, const char *way)
{
	unsigned row;

	for (row = 0; row < table->num_elements; row++) {
		const stat_tap_table_item_type *item =
			stat_tap_get_field_data(table, row, COLUMN_WAY);

		if (strcmp(item->value.string_value, way) == 0)
			return row;
	}
	if (row == ROWS_MAX)
		return ROWS_MAX - 1;
	row_make(table, row, row == ROWS_MAX - 1 ? "others" : way);
	return row;
}

static tap_packet_status packet_count(void *data, packet_info *pinfo, epan_dissect_t *edt,
				      const void *tapped, tap_flags_t flags)
{
	const stat_data_t *statistics = data;
	const Passed *passed = tapped;
	stat_tap_table *table =
		g_array_index(statistics->stat_tap_data->tables, stat_tap_table *, 0);
	unsigned row = row_find(table, passed->way);

	(void)pinfo;
	(void)edt;
	(void)flags;
	times_add(times_of(table, row), passed->time);
	row_show(table, row);
	return TAP_PACKET_REDRAW;
}

static void table_init(stat_tap_table_ui *statistics)
{
	stat_tap_table *table = stat_tap_find_table(statistics, "Journeys");

	if (table) {
		if (statistics->stat_tap_reset_table_cb)
			statistics->stat_tap_reset_table_cb(table);
		return;
	}
	stat_tap_add_table(statistics, stat_tap_init_table("Journeys", COLUMNS, 0, NULL));
}

static void table_reset(stat_tap_table *table)
{
	for (unsigned row = 0; row < table->num_elements; row++) {
		memset(times_of(table, row), 0, sizeof(Times));
		row_show(table, row);
	}
}

static void item_free(stat_tap_table *table, unsigned row, unsigned column,
		      stat_tap_table_item_type *item)
{
	(void)table;
	(void)row;
	if (column != COLUMN_WAY)
		return;
	g_free((char *)item->value.string_value);
	g_free(item->user_data.ptr_value);
}

void journey_statistics_register(void)
{
	static tap_param params[] = { { PARAM_FILTER, "filter", "Filter", NULL, true } };
	static stat_tap_table_ui statistics = {
		.group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
		.title = "Journeys",
		.tap_name = TAP_NAME,
		.cli_string = CLI_NAME,
		.stat_tap_init_cb = table_init,
		.packet_func = packet_count,
		.stat_tap_reset_table_cb = table_reset,
		.stat_tap_free_table_item_cb = item_free,
		.nfields = COLUMNS,
		.fields = columns,
		.nparams = G_N_ELEMENTS(params),
		.params = params,
	};

	tap_journeys = register_tap(TAP_NAME);
	register_stat_tap_table_ui(&statistics);
}

/* Names come from files that anyone may have written, and tshark prints rows as they are. */
static const char *text_tame(wmem_allocator_t *pool, const char *text)
{
	/* Through void *: Wireshark's versions differ in the signedness of the characters. */
	const void *octets = text;

	return format_text(pool, octets, strlen(text));
}

void journey_statistics_add(packet_info *pinfo, const Journey *journey, const char *point)
{
	Passed *passed;

	if (!have_tap_listener(tap_journeys) || !journey->before)
		return;
	passed = wmem_new0(pinfo->pool, Passed);
	passed->way =
		wmem_strdup_printf(pinfo->pool, "%s -> %s", text_tame(pinfo->pool, journey->before),
				   text_tame(pinfo->pool, point));
	passed->time = journey->latency;
	tap_queue_packet(tap_journeys, pinfo, passed);
}
