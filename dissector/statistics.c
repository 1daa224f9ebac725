/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statistics.h"

#include "version.h"
#include "xdp_action.h"

#include <epan/stats_tree.h>
#include <epan/strutil.h>
#include <epan/tap.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* The name of the tap, and of the tree in tshark's -z. */
#define TAP_NAME "xdp"

static int tap_xdp = -1;

/* What the tap hands over. */
typedef struct {
	Verdict verdict;
	bool counts;
} Sighted;

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

static const char *point_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	static const char *const names[] = {
		[SEEN_AT_ENTRY] = "entry", [SEEN_AT_EXIT] = "exit", [SEEN_AT_XSK] = "xsk"
	};

	(void)pool;
	return verdict->point.known ? names[verdict->point.value] : NULL;
}

static const char *process_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	const char *name = text_tame(pool, verdict->process);

	if (!verdict->process_id.known)
		return name;
	return wmem_strdup_printf(pool, "%s#%" PRIu32, name ? name : "", verdict->process_id.value);
}

static const char *redirect_row(wmem_allocator_t *pool, const Verdict *verdict)
{
	return text_tame(pool, verdict_redirect_format(pool, &verdict->redirect));
}

/* The parts of the tree. Those that files of hooks never have appear with their first row. */
static const struct {
	const char *title;
	RowName row;
	bool actions; /* are counted below each row */
	bool from_start;
	bool sightings; /* counts all of them, not packets */
} parts[] = {
	{ "Actions", action_row, .from_start = true },
	{ "Hooks", hook_row, .from_start = true, .actions = true },
	{ "Programs", program_row, .from_start = true, .actions = true },
	{ "Devices", interface_row, .from_start = true, .actions = true },
	{ "Queues", queue_row, .from_start = true, .actions = true },
	{ "CPUs", cpu_row, .from_start = true, .actions = true },
	{ "Points", point_row, .sightings = true },
	{ "Redirects", redirect_row, .sightings = false },
	{ "Processes", process_row, .sightings = false },
};

static void tree_init(stats_tree *tree)
{
	for (size_t i = 0; i < array_length(parts); i++) {
		if (parts[i].from_start)
			stats_tree_create_node(tree, parts[i].title, 0, STAT_DT_INT, TRUE);
	}
}

/* Mean, least and most, of all and by program. */
static void latency_count(stats_tree *tree, wmem_allocator_t *pool, const Verdict *verdict)
{
	static const char title[] = "Latency (ns)";
	const char *program = program_row(pool, verdict);
	int value = (int)MIN(verdict->latency.value, INT_MAX);
	int part;

	if (!verdict->latency.known)
		return;
	part = avg_stat_node_add_value_int(tree, title, 0, TRUE, value);
	if (program)
		avg_stat_node_add_value_int(tree, program, part, FALSE, value);
}

static tap_packet_status tree_count(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt,
				    const void *data, tap_flags_t flags)
{
	const Sighted *sighted = data;
	const Verdict *verdict = &sighted->verdict;
	const char *action = action_row(pinfo->pool, verdict);

	(void)edt;
	(void)flags;
	for (size_t i = 0; i < array_length(parts); i++) {
		const char *row = parts[i].row(pinfo->pool, verdict);
		int part, node;

		if (!row || !(sighted->counts || parts[i].sightings))
			continue;
		part = tick_stat_node(tree, parts[i].title, 0, TRUE);
		node = tick_stat_node(tree, row, part, TRUE);
		if (parts[i].actions && action)
			tick_stat_node(tree, action, node, FALSE);
	}
	latency_count(tree, pinfo->pool, verdict);
	return TAP_PACKET_REDRAW;
}

void statistics_register(void)
{
	tap_xdp = register_tap(TAP_NAME);
	stats_tree_register_plugin(TAP_NAME, TAP_NAME, "XDP", 0, tree_count, tree_init, NULL);
}

void statistics_add(packet_info *pinfo, const Verdict *verdict, bool counts)
{
	Sighted *sighted;

	if (!have_tap_listener(tap_xdp))
		return;
	sighted = wmem_new(pinfo->pool, Sighted);
	*sighted = (Sighted){ .verdict = *verdict, .counts = counts };
	tap_queue_packet(tap_xdp, pinfo, sighted);
}
