/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "passage.h"

#include "change.h"

#include <epan/expert.h>
#include <epan/proto.h>
#include <inttypes.h>

static int ett_changed = -1;
static int ett_redirect = -1;

static int hf_latency = -1;
static int hf_changed = -1;
static int hf_changed_bytes = -1;
static int hf_changed_head = -1;
static int hf_changed_tail = -1;
static int hf_redirect = -1;
static int hf_redirect_interface = -1;
static int hf_redirect_map_type = -1;
static int hf_redirect_map_id = -1;
static int hf_redirect_key = -1;
static int hf_entry_frame = -1;
static int hf_exit_frame = -1;

static expert_field ei_linear = EI_INIT;

static const value_string map_types[] = {
	{ MAP_DEVMAP, "devmap" },
	{ MAP_CPUMAP, "cpumap" },
	{ MAP_XSKMAP, "xskmap" },
	{ 0, NULL },
};

static const struct {
	unsigned bit;
	const char *name;
	int *field;
} changes[] = {
	{ CHANGED_BYTES, "bytes", &hf_changed_bytes },
	{ CHANGED_HEAD, "head", &hf_changed_head },
	{ CHANGED_TAIL, "tail", &hf_changed_tail },
};

static proto_item *number_add(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t value)
{
	proto_item *item = proto_tree_add_uint(tree, field, tvb, 0, 0, value);

	proto_item_set_generated(item);
	return item;
}

static void latency_add(proto_tree *tree, tvbuff_t *tvb, CommentLong latency)
{
	proto_item *item;

	if (!latency.known)
		return;
	item = proto_tree_add_uint64(tree, hf_latency, tvb, 0, 0, latency.value);
	proto_item_set_generated(item);
	/* Not by Wireshark's unit strings, whose header is another one in each version. */
	proto_item_append_text(item, " ns");
	if (latency.value >= 10000)
		proto_item_append_text(item, " (%" PRIu64 ".%03" PRIu64 " ms)",
				       latency.value / 1000000, latency.value / 1000 % 1000);
}

/* In the words of the comment. */
static const char *changed_format(wmem_allocator_t *pool, unsigned changed)
{
	wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);

	for (size_t i = 0; i < array_length(changes); i++) {
		if (changed & changes[i].bit)
			wmem_strbuf_append_printf(text, "%s%s",
						  wmem_strbuf_get_len(text) ? "," : "",
						  changes[i].name);
	}
	return wmem_strbuf_finalize(text);
}

static void changed_add(proto_tree *parent, tvbuff_t *tvb, packet_info *pinfo, unsigned changed)
{
	proto_tree *tree;
	proto_item *item;

	if (!changed)
		return;
	item = proto_tree_add_string(parent, hf_changed, tvb, 0, 0,
				     changed_format(pinfo->pool, changed));
	proto_item_set_generated(item);
	tree = proto_item_add_subtree(item, ett_changed);
	for (size_t i = 0; i < array_length(changes); i++) {
		if (changed & changes[i].bit)
			proto_item_set_generated(
				proto_tree_add_boolean(tree, *changes[i].field, tvb, 0, 0, 1));
	}
}

static void redirect_add(proto_tree *parent, tvbuff_t *tvb, packet_info *pinfo,
			 const CommentRedirect *redirect)
{
	const char *text = verdict_redirect_format(pinfo->pool, redirect);
	proto_tree *tree;
	proto_item *item;

	if (!text)
		return;
	item = proto_tree_add_string(parent, hf_redirect, tvb, 0, 0, text);
	proto_item_set_generated(item);
	tree = proto_item_add_subtree(item, ett_redirect);
	if (redirect->interface) {
		proto_item_set_generated(proto_tree_add_string(tree, hf_redirect_interface, tvb, 0,
							       0, redirect->interface));
		return;
	}
	number_add(tree, hf_redirect_map_type, tvb, redirect->map_type);
	number_add(tree, hf_redirect_map_id, tvb, redirect->map_id);
	number_add(tree, hf_redirect_key, tvb, redirect->key);
}

void passage_show(const Verdict *verdict, const Pair *pair, tvbuff_t *tvb, packet_info *pinfo,
		  proto_tree *whole, proto_tree *tree)
{
	latency_add(tree, tvb, verdict->latency);
	redirect_add(tree, tvb, pinfo, &verdict->redirect);
	if (pair->other)
		number_add(tree,
			   verdict->point.value == SEEN_AT_EXIT ? hf_entry_frame : hf_exit_frame,
			   tvb, pair->other);
	changed_add(tree, tvb, pinfo, verdict->changed);
	if (pair->difference)
		change_show(pair->difference, tvb, pinfo, whole, tree);
	if (verdict->linear)
		expert_add_info(pinfo, proto_tree_get_parent(tree), &ei_linear);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_latency, { "Latency", "xdp.latency", FT_UINT64, BASE_DEC, NULL, 0,
		"Nanoseconds from the program's entry to its exit", HFILL } },
	{ &hf_changed, { "Changed", "xdp.changed", FT_STRING, BASE_NONE, NULL, 0,
		"What the program changed", HFILL } },
	{ &hf_changed_bytes, { "Bytes", "xdp.changed.bytes", FT_BOOLEAN, BASE_NONE, NULL, 0,
		"In the part that was there before and after", HFILL } },
	{ &hf_changed_head, { "Head", "xdp.changed.head", FT_BOOLEAN, BASE_NONE, NULL, 0,
		"The packet begins elsewhere", HFILL } },
	{ &hf_changed_tail, { "Tail", "xdp.changed.tail", FT_BOOLEAN, BASE_NONE, NULL, 0,
		"The packet ends elsewhere", HFILL } },
	{ &hf_redirect, { "Redirect", "xdp.redirect", FT_STRING, BASE_NONE, NULL, 0,
		"Where the packet was redirected to", HFILL } },
	{ &hf_redirect_interface, { "Interface", "xdp.redirect.interface", FT_STRING, BASE_NONE, NULL, 0,
		"Network device that the packet was redirected to", HFILL } },
	{ &hf_redirect_map_type, { "Map type", "xdp.redirect.map_type", FT_UINT32, BASE_DEC, VALS(map_types), 0,
		"Kind of the map that the packet was redirected by", HFILL } },
	{ &hf_redirect_map_id, { "Map ID", "xdp.redirect.map_id", FT_UINT32, BASE_DEC, NULL, 0,
		"The kernel's number of the map", HFILL } },
	{ &hf_redirect_key, { "Key", "xdp.redirect.key", FT_UINT32, BASE_DEC, NULL, 0,
		"The element of the map", HFILL } },
	{ &hf_entry_frame, { "Entry", "xdp.entry_frame", FT_FRAMENUM, BASE_NONE,
		FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "The packet as the program got it", HFILL } },
	{ &hf_exit_frame, { "Exit", "xdp.exit_frame", FT_FRAMENUM, BASE_NONE,
		FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "The packet as the program left it", HFILL } },
};

static ei_register_info experts[] = {
	{ &ei_linear, { "xdp.linear", PI_UNDECODED, PI_NOTE,
		"Only the first part of a frame in fragments could be copied", EXPFILL } },
};
/* clang-format on */

void passage_register(int protocol, expert_module_t *module)
{
	static int *subtrees[] = { &ett_changed, &ett_redirect };

	proto_register_field_array(protocol, fields, array_length(fields));
	proto_register_subtree_array(subtrees, array_length(subtrees));
	expert_register_field_array(module, experts, array_length(experts));
	change_register(protocol);
}
