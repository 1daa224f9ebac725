/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statistics.h"

#include "version.h"
#include "xdp_action.h"

#include <epan/stats_tree.h>
#include <epan/strutil.h>
#include <epan/tap.h>
#include <inttypes.h>
#include <string.h>

/* The name of the tap, and of the tree in tshark's -z. */
#define TAP_NAME "xdp"

static int tap_xdp = -1;

/* The name of the row in which a packet is counted; NULL if none. */
typedef const char *(*RowName)(wmem_allocator_t *pool, const Verdict *verdict);

static const char *number_format(wmem_allocator_t *pool, CommentNumber number)
{
	return number.known ? wmem_strdup_printf(pool, "%" PRIu32, number.value) : NULL;
}

/* Names come from files that anyone may have written, and tshark prints rows as they are. */
static const char *text_tame(wmem_allocator_t *pool, const char *text)
{
	/* Through void *: Wireshark's versions differ in the signedness of the characters. */
	const void *octets = text;

	return text ? format_text(pool, octets, strlen(text)) : NULL;
}

static const char *action_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	const char *name = verdict->action.known ? xdp_action_name(verdict->action.value) : NULL;

	return name ? name : number_format(pool, verdict->action);
}

static const char *hook_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	return text_tame(pool, verdict->hook);
}

static const char *program_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	const char *name = text_tame(pool, verdict->program);

	if (!verdict->program_id.known)
		return name;
	return wmem_strdup_printf(pool, "%s#%" PRIu32, name ? name : "", verdict->program_id.value);
}

static const char *interface_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	return text_tame(pool, verdict->interface);
}

static const char *queue_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	return number_format(pool, verdict->queue);
}

static const char *cpu_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	return number_format(pool, verdict->cpu);
}

/* The parts of the tree. In all but the first, actions are counted below each row. */
static const struct {
	const char *title;
	RowName row;
} parts[] = {
	{ "Actions", action_row },    { "Hooks", hook_row },   { "Programs", program_row },
	{ "Devices", interface_row }, { "Queues", queue_row }, { "CPUs", cpu_row },
};

static void tree_init(stats_tree *tree)
{
	for (size_t i = 0; i < array_length(parts); i++)
		stats_tree_create_node(tree, parts[i].title, 0, STAT_DT_INT, TRUE);
}

static tap_packet_status tree_count(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt,
				    const void *data, tap_flags_t flags)
{
	const Verdict *verdict = data;
	const char *action = action_row(pinfo->pool, verdict);

	(void)edt;
	(void)flags;
	for (size_t i = 0; i < array_length(parts); i++) {
		const char *row = parts[i].row(pinfo->pool, verdict);
		int part, node;

		if (!row)
			continue;
		part = tick_stat_node(tree, parts[i].title, 0, TRUE);
		node = tick_stat_node(tree, row, part, TRUE);
		if (i > 0 && action)
			tick_stat_node(tree, action, node, FALSE);
	}
	return TAP_PACKET_REDRAW;
}

void statistics_register(void)
{
	tap_xdp = register_tap(TAP_NAME);
	stats_tree_register_plugin(TAP_NAME, TAP_NAME, "XDP", 0, tree_count, tree_init, NULL);
}

void statistics_add(packet_info *pinfo, const Verdict *verdict)
{
	if (have_tap_listener(tap_xdp))
		tap_queue_packet(tap_xdp, pinfo,
				 wmem_memdup(pinfo->pool, verdict, sizeof(*verdict)));
}
