/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "skb_passage.h"

#include "change.h"
#include "pair.h"

#include <epan/proto.h>
#include <string.h>

static int hf_action = -1;
static int hf_direction = -1;
static int hf_program = -1;
static int hf_program_id = -1;
static int hf_latency = -1;
static int hf_changed = -1;
static int hf_redirect = -1;
static int hf_entry_frame = -1;
static int hf_exit_frame = -1;

static void text_add(proto_tree *tree, int field, tvbuff_t *tvb, const char *text)
{
	if (text)
		proto_item_set_generated(proto_tree_add_string(tree, field, tvb, 0, 0, text));
}

static void number_add(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t value)
{
	proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, value));
}

static uint32_t point_of(const SkbComment *comment)
{
	if (strcmp(comment->point, "entry") == 0)
		return SEEN_AT_ENTRY;
	return strcmp(comment->point, "exit") == 0 ? SEEN_AT_EXIT : SEEN_AT_HOOK;
}

static Pair pair_of(const SkbComment *comment, CommentLong number, tvbuff_t *tvb,
		    packet_info *pinfo)
{
	const Verdict verdict = {
		.point = { .known = true, .value = point_of(comment) },
		.action = { .known = comment->action != NULL },
		.program = comment->program,
		.program_id = comment->program_id,
		.interface = comment->interface,
		.namespace = comment->namespace,
		.latency = comment->latency,
		.number = number,
	};

	return pair_find(pinfo, tvb, &verdict);
}

void skb_passage_show(const SkbComment *comment, CommentLong number, tvbuff_t *tvb,
		      packet_info *pinfo, proto_tree *whole, proto_tree *tree)
{
	const uint32_t point = point_of(comment);
	Pair pair;

	if (point == SEEN_AT_HOOK)
		return;
	pair = pair_of(comment, number, tvb, pinfo);
	text_add(tree, hf_action, tvb, comment->action);
	text_add(tree, hf_direction, tvb, comment->direction);
	text_add(tree, hf_program, tvb, comment->program);
	if (comment->program_id.known)
		number_add(tree, hf_program_id, tvb, comment->program_id.value);
	if (comment->latency.known)
		proto_item_set_generated(
			proto_tree_add_uint64(tree, hf_latency, tvb, 0, 0, comment->latency.value));
	text_add(tree, hf_redirect, tvb, comment->redirect);
	if (pair.other)
		number_add(tree, point == SEEN_AT_EXIT ? hf_entry_frame : hf_exit_frame, tvb,
			   pair.other);
	text_add(tree, hf_changed, tvb, comment->changed);
	if (pair.difference)
		change_show(pair.difference, tvb, pinfo, whole, tree);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_action, { "Action", "skb.action", FT_STRING, BASE_NONE, NULL, 0,
		"What the tc program decided", HFILL } },
	{ &hf_direction, { "Direction", "skb.direction", FT_STRING, BASE_NONE, NULL, 0,
		"Whether the tc program is there for packets that come in or go out", HFILL } },
	{ &hf_program, { "Program", "skb.program", FT_STRING, BASE_NONE, NULL, 0,
		"Name of the tc program", HFILL } },
	{ &hf_program_id, { "Program ID", "skb.program_id", FT_UINT32, BASE_DEC, NULL, 0,
		"The kernel's id of the tc program", HFILL } },
	{ &hf_latency, { "Latency", "skb.program_latency", FT_UINT64, BASE_DEC, NULL, 0,
		"Nanoseconds from the tc program's entry to its exit", HFILL } },
	{ &hf_changed, { "Changed", "skb.changed", FT_STRING, BASE_NONE, NULL, 0,
		"What the tc program changed", HFILL } },
	{ &hf_redirect, { "Redirect", "skb.redirect", FT_STRING, BASE_NONE, NULL, 0,
		"Where the packet was redirected to", HFILL } },
	{ &hf_entry_frame, { "Entry", "skb.entry_frame", FT_FRAMENUM, BASE_NONE,
		FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "The packet as the tc program got it", HFILL } },
	{ &hf_exit_frame, { "Exit", "skb.exit_frame", FT_FRAMENUM, BASE_NONE,
		FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "The packet as the tc program left it", HFILL } },
};
/* clang-format on */

void skb_passage_register(int protocol)
{
	proto_register_field_array(protocol, fields, array_length(fields));
}
