/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet-skb.h"

#include "journey.h"
#include "journey_statistics.h"
#include "record_interface.h"
#include "skb_comment.h"
#include "skb_passage.h"
#include "skb_statistics.h"
#include "version.h"

#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/strutil.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>

#if WIRESHARK_AT_LEAST(4, 4)
typedef bool OptionResult;
typedef bool Preference;
#else
typedef gboolean OptionResult;
typedef gboolean Preference;
#endif

static Preference show_in_info = false;

static int proto_skb = -1;
static int ett_skb = -1;

static int hf_point = -1;
static int hf_reason = -1;
static int hf_function = -1;
static int hf_location = -1;
static int hf_stack = -1;
static int hf_interface = -1;
static int hf_namespace = -1;
static int hf_process = -1;
static int hf_pid = -1;
static int hf_context = -1;
static int hf_mark = -1;
static int hf_hash = -1;
static int hf_queue = -1;
static int hf_cpu = -1;
static int hf_gso_size = -1;
static int hf_gso_segments = -1;
static int hf_wire_length = -1;

static expert_field ei_made = EI_INIT;
static expert_field ei_part = EI_INIT;

/* The options of a packet. */
typedef struct {
	SkbComment *comment;
	CommentLong number; /* of the packet */
} Options;

/* The first comment that is one of ours counts. */
static OptionResult option_visit(wtap_block_t block, guint id, wtap_opttype_e type,
				 wtap_optval_t *value, void *data)
{
	Options *options = data;

	(void)block;
	if (type == WTAP_OPTTYPE_STRING && id == OPT_COMMENT && !options->comment &&
	    value->stringval)
		options->comment = skb_comment_new(
			value->stringval, strnlen(value->stringval, COMMENT_LENGTH_MAX + 1));
	if (type == WTAP_OPTTYPE_UINT64 && id == OPT_PKT_PACKETID && !options->number.known)
		options->number = (CommentLong){ .known = true, .value = value->uint64val };
	return TRUE;
}

static void options_find(Options *options, wtap_block_t block)
{
	if (block && wtap_block_get_type(block) == WTAP_BLOCK_PACKET)
		wtap_block_foreach_option(block, option_visit, options);
}

/* What the packets of an interface have in common stands in its description. */
static void comment_join_interface(SkbComment *comment, const packet_info *pinfo)
{
	RecordInterface interface = { .name = NULL };
	g_autoptr(SkbComment) common = NULL;

	if (record_interface(pinfo, &interface) && interface.description)
		common = skb_comment_new(interface.description,
					 strnlen(interface.description, COMMENT_LENGTH_MAX + 1));
	skb_comment_join(comment, common);
}

static SkbComment *comment_read(packet_info *pinfo, CommentLong *ret_number)
{
	Options options = { .comment = NULL };

	if (!pinfo->rec || pinfo->rec->rec_type != REC_TYPE_PACKET)
		return NULL;
	if (pinfo->fd->has_modified_block)
		options_find(&options, epan_get_modified_block(pinfo->epan, pinfo->fd));
	options_find(&options, pinfo->rec->block);
	if (options.comment)
		comment_join_interface(options.comment, pinfo);
	*ret_number = options.number;
	return options.comment;
}

/* Our items are not part of the packet's octets, so none of them covers any. */
static void text_add(proto_tree *tree, int field, tvbuff_t *tvb, const char *text)
{
	if (text)
		proto_item_set_generated(proto_tree_add_string(tree, field, tvb, 0, 0, text));
}

static void number_add(proto_tree *tree, int field, tvbuff_t *tvb, CommentNumber number)
{
	if (number.known)
		proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, number.value));
}

/* "nf_hook_slow" of "nf_hook_slow+0x9d". */
static const char *function_of(wmem_allocator_t *pool, const char *location)
{
	return location ? wmem_strndup(pool, location, strcspn(location, "+")) : NULL;
}

/* Fields escape control characters, summary lines do not. */
static void summary_append(packet_info *pinfo, proto_item *item, const char *name, const char *text)
{
	/* Through void *: Wireshark's versions differ in the signedness of the characters. */
	const void *octets = text;

	if (text)
		proto_item_append_text(item, ", %s: %s", name,
				       format_text(pinfo->pool, octets, strlen(text)));
}

/* An item for each call, the last one first. */
static void stack_add(proto_tree *tree, tvbuff_t *tvb, wmem_allocator_t *pool, const char *stack)
{
	while (stack && *stack) {
		size_t length = strcspn(stack, ",");

		text_add(tree, hf_stack, tvb, wmem_strndup(pool, stack, length));
		stack += length + (stack[length] == ',');
	}
}

static void comment_show(const SkbComment *comment, const char *function, const Journey *journey,
			 CommentLong number, tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent)
{
	proto_item *top =
		proto_tree_add_protocol_format(parent, proto_skb, tvb, 0, 0, "%s", "Kernel");
	proto_tree *tree = proto_item_add_subtree(top, ett_skb);
	const CommentNumber wire_length = { true, pinfo->fd->pkt_len };

	summary_append(pinfo, top, "Reason", comment->reason);
	summary_append(pinfo, top, "Function", function);
	summary_append(pinfo, top, "Action", comment->action);
	summary_append(pinfo, top, "Program", comment->program);
	text_add(tree, hf_point, tvb, comment->point);
	skb_passage_show(comment, number, tvb, pinfo, parent, tree);
	text_add(tree, hf_reason, tvb, comment->reason);
	text_add(tree, hf_function, tvb, function);
	text_add(tree, hf_location, tvb, comment->location);
	stack_add(tree, tvb, pinfo->pool, comment->stack);
	text_add(tree, hf_interface, tvb, comment->interface);
	text_add(tree, hf_namespace, tvb, comment->namespace);
	text_add(tree, hf_process, tvb, comment->process);
	number_add(tree, hf_pid, tvb, comment->pid);
	text_add(tree, hf_context, tvb, comment->context);
	number_add(tree, hf_mark, tvb, comment->mark);
	number_add(tree, hf_hash, tvb, comment->hash);
	number_add(tree, hf_queue, tvb, comment->queue);
	number_add(tree, hf_cpu, tvb, comment->cpu);
	number_add(tree, hf_gso_size, tvb, comment->gso_size);
	number_add(tree, hf_gso_segments, tvb, comment->gso_segments);
	number_add(tree, hf_wire_length, tvb, wire_length);
	if (journey)
		journey_show(journey, tvb, tree);
	if (comment->made)
		expert_add_info(pinfo, top, &ei_made);
	if (comment->part)
		expert_add_info(pinfo, top, &ei_part);
}

static int dissect_skb(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
	CommentLong number = { .known = false };
	g_autoptr(SkbComment) comment = comment_read(pinfo, &number);
	const char *function, *decided;
	Journey journey;
	bool on_journey;

	(void)data;
	/* Even without a tree: the Expert Information window does not ask for one. */
	if (!comment)
		return 0;
	function = function_of(pinfo->pool, comment->location);
	on_journey = journey_find_skb(pinfo, comment, &journey);
	comment_show(comment, function, on_journey ? &journey : NULL, number, tvb, pinfo, tree);
	skb_statistics_add(pinfo, comment, function);
	if (on_journey)
		journey_statistics_add(pinfo, &journey, comment->point);
	decided = comment->reason ? comment->reason : comment->action;
	if (show_in_info && decided) {
		const void *octets = decided;

		col_prepend_fstr(pinfo->cinfo, COL_INFO, "[%s] ",
				 format_text(pinfo->pool, octets, strlen(decided)));
	}
	return (int)tvb_captured_length(tvb);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_point, { "Point", "skb.point", FT_STRING, BASE_NONE, NULL, 0,
		"Where in the kernel the packet was seen", HFILL } },
	{ &hf_reason, { "Reason", "skb.reason", FT_STRING, BASE_NONE, NULL, 0,
		"Why the kernel dropped it, in the words of that kernel", HFILL } },
	{ &hf_function, { "Function", "skb.function", FT_STRING, BASE_NONE, NULL, 0,
		"Function of the kernel that dropped it, or where it came by", HFILL } },
	{ &hf_location, { "Location", "skb.location", FT_STRING, BASE_NONE, NULL, 0,
		"The place in that function", HFILL } },
	{ &hf_stack, { "Call", "skb.stack", FT_STRING, BASE_NONE, NULL, 0,
		"A call that led there, the last one first", HFILL } },
	{ &hf_interface, { "Interface", "skb.interface", FT_STRING, BASE_NONE, NULL, 0,
		"Network device of the packet", HFILL } },
	{ &hf_namespace, { "Network namespace", "skb.netns", FT_STRING, BASE_NONE, NULL, 0,
		"Network namespace of the packet, if it is not the capture's own", HFILL } },
	{ &hf_process, { "Process", "skb.process", FT_STRING, BASE_NONE, NULL, 0,
		"Name of the process whose work it was", HFILL } },
	{ &hf_pid, { "Process ID", "skb.pid", FT_UINT32, BASE_DEC, NULL, 0,
		"Number of that process", HFILL } },
	{ &hf_context, { "Context", "skb.context", FT_STRING, BASE_NONE, NULL, 0,
		"The interrupt in which it was no process's work", HFILL } },
	{ &hf_mark, { "Mark", "skb.mark", FT_UINT32, BASE_HEX, NULL, 0,
		"The packet's mark (fwmark), if it is not 0", HFILL } },
	{ &hf_hash, { "Hash", "skb.hash", FT_UINT32, BASE_HEX, NULL, 0,
		"Hash of its flow, if it has one", HFILL } },
	{ &hf_queue, { "Queue", "skb.queue", FT_UINT32, BASE_DEC, NULL, 0,
		"Receive queue that it came through, or queue that it was to be sent through", HFILL } },
	{ &hf_cpu, { "CPU", "skb.cpu", FT_UINT32, BASE_DEC, NULL, 0,
		"Processor", HFILL } },
	{ &hf_gso_size, { "GSO size", "skb.gso_size", FT_UINT32, BASE_DEC, NULL, 0,
		"Payload of each packet that it stands for", HFILL } },
	{ &hf_gso_segments, { "GSO segments", "skb.gso_segs", FT_UINT32, BASE_DEC, NULL, 0,
		"How many packets it stands for", HFILL } },
	{ &hf_wire_length, { "Wire length", "skb.wire_length", FT_UINT32, BASE_DEC, NULL, 0,
		"Octets of the packet before it was truncated", HFILL } },
};

static ei_register_info experts[] = {
	{ &ei_made, { "skb.made", PI_ASSUMPTION, PI_CHAT,
		"The packet had no Ethernet header here, or no IP header: what was not there is made", EXPFILL } },
	{ &ei_part, { "skb.part", PI_UNDECODED, PI_NOTE,
		"Only the first part of a packet in fragments could be copied", EXPFILL } },
};
/* clang-format on */

static void proto_register_skb(void)
{
	static int *subtrees[] = { &ett_skb };
	expert_module_t *experts_module;
	module_t *preferences;

	proto_skb = proto_register_protocol("Kernel packet", "skb", "skb");
	proto_register_field_array(proto_skb, fields, array_length(fields));
	proto_register_subtree_array(subtrees, array_length(subtrees));
	experts_module = expert_register_protocol(proto_skb);
	expert_register_field_array(experts_module, experts, array_length(experts));
	skb_passage_register(proto_skb);
	skb_statistics_register();
	journey_register(proto_skb);
	journey_statistics_register();
	preferences = prefs_register_protocol(proto_skb, NULL);
	prefs_register_bool_preference(preferences, "info_column",
				       "Show the reason in the Info column",
				       "Begin the Info column of each packet with why it was "
				       "dropped, or what a tc program decided",
				       &show_in_info);
}

static void proto_handoff_skb(void)
{
	register_postdissector(create_dissector_handle(dissect_skb, proto_skb));
}

void packet_skb_register(void)
{
	static proto_plugin plugin = {
		.register_protoinfo = proto_register_skb,
		.register_handoff = proto_handoff_skb,
	};

	proto_register_plugin(&plugin);
}
