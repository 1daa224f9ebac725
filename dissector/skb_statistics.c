/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "skb_statistics.h"

#include "version.h"

#include <epan/stats_tree.h>
#include <epan/strutil.h>
#include <epan/tap.h>
#include <string.h>

/* The name of the tap, and of the tree in tshark's -z. */
#define TAP_NAME "skb"

static int tap_skb = -1;

/* The parts of the tree. */
enum { PART_REASONS, PART_FUNCTIONS, PART_DEVICES, PART_PROCESSES, PART_COUNT };

static const struct {
	const char *title;
	bool reasons; /* are counted below each row */
} parts[PART_COUNT] = {
	[PART_REASONS] = { "Reasons", false },
	[PART_FUNCTIONS] = { "Functions", true },
	[PART_DEVICES] = { "Devices", true },
	[PART_PROCESSES] = { "Processes", true },
};

/* What the tap hands over: the rows in which a packet is counted; NULL where it is in none. */
typedef struct {
	const char *rows[PART_COUNT];
} Counted;

static void tree_init(stats_tree *tree)
{
	for (size_t i = 0; i < PART_COUNT; i++)
		stats_tree_create_node(tree, parts[i].title, 0, STAT_DT_INT, TRUE);
}

static tap_packet_status tree_count(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt,
				    const void *data, tap_flags_t flags)
{
	const Counted *counted = data;

	(void)pinfo;
	(void)edt;
	(void)flags;
	for (size_t i = 0; i < PART_COUNT; i++) {
		int part, node;

		if (!counted->rows[i])
			continue;
		part = tick_stat_node(tree, parts[i].title, 0, TRUE);
		node = tick_stat_node(tree, counted->rows[i], part, TRUE);
		if (parts[i].reasons && counted->rows[PART_REASONS])
			tick_stat_node(tree, counted->rows[PART_REASONS], node, FALSE);
	}
	return TAP_PACKET_REDRAW;
}

void skb_statistics_register(void)
{
	tap_skb = register_tap(TAP_NAME);
	stats_tree_register_plugin(TAP_NAME, TAP_NAME, "Packet drops", 0, tree_count, tree_init,
				   NULL);
}

/* Names come from files that anyone may have written, and tshark prints rows as they are. */
static const char *text_tame(wmem_allocator_t *pool, const char *text)
{
	/* Through void *: Wireshark's versions differ in the signedness of the characters. */
	const void *octets = text;

	return text ? format_text(pool, octets, strlen(text)) : NULL;
}

void skb_statistics_add(packet_info *pinfo, const SkbComment *comment, const char *function)
{
	const char *nobody = comment->context ? comment->context : NULL;
	Counted *counted;

	/* What is captured elsewhere than where packets are dropped has no reason. */
	if (!have_tap_listener(tap_skb) || !comment->reason)
		return;
	counted = wmem_new0(pinfo->pool, Counted);
	counted->rows[PART_REASONS] = text_tame(pinfo->pool, comment->reason);
	counted->rows[PART_FUNCTIONS] = text_tame(pinfo->pool, function);
	counted->rows[PART_DEVICES] = text_tame(pinfo->pool, comment->interface);
	counted->rows[PART_PROCESSES] =
		text_tame(pinfo->pool, comment->process ? comment->process : nobody);
	tap_queue_packet(tap_skb, pinfo, counted);
}
