/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Post-dissector: shows what XDP did to each packet, below the packet's own protocols. */
#include "journey.h"
#include "journey_statistics.h"
#include "packet-skb.h"
#include "pair.h"
#include "passage.h"
#include "statistics.h"
#include "verdict.h"
#include "version.h"
#include "xdp_action.h"
#include "xdp_socket.h"

#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/strutil.h>
#include <inttypes.h>
#include <string.h>

#if WIRESHARK_AT_LEAST(4, 2)
#include <wsutil/plugins.h>
#define PLUGIN_HAS_DESCRIBE 1
#endif

WS_DLL_PUBLIC_DEF const char plugin_version[] = XDPSHARK_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
#ifdef PLUGIN_HAS_DESCRIBE
WS_DLL_PUBLIC uint32_t plugin_describe(void);
#endif

#if WIRESHARK_AT_LEAST(4, 4)
typedef bool Preference;
#else
typedef gboolean Preference;
#endif

static Preference show_in_info = false;
static unsigned entry_octets = 256;

static int proto_xdp = -1;
static int ett_xdp = -1;

static int hf_action = -1;
static int hf_point = -1;
static int hf_hook = -1;
static int hf_program = -1;
static int hf_program_id = -1;
static int hf_interface = -1;
static int hf_namespace = -1;
static int hf_host = -1;
static int hf_queue = -1;
static int hf_cpu = -1;
static int hf_wire_length = -1;

static expert_field ei_aborted = EI_INIT;
static expert_field ei_action_unknown = EI_INIT;
static expert_field ei_lost = EI_INIT;

/* The first name of each number is displayed; any of them can be used in a filter. */
static const value_string action_vals[] = {
	{ ACTION_ABORTED, "ABORTED" },
	{ ACTION_DROP, "DROP" },
	{ ACTION_PASS, "PASS" },
	{ ACTION_TX, "TX" },
	{ ACTION_REDIRECT, "REDIRECT" },
	{ ACTION_ABORTED, "XDP_ABORTED" },
	{ ACTION_DROP, "XDP_DROP" },
	{ ACTION_PASS, "XDP_PASS" },
	{ ACTION_TX, "XDP_TX" },
	{ ACTION_REDIRECT, "XDP_REDIRECT" },
	{ 0, NULL },
};

static const value_string point_vals[] = {
	{ SEEN_AT_HOOK, "hook" },
	{ SEEN_AT_ENTRY, "entry" },
	{ SEEN_AT_EXIT, "exit" },
	{ SEEN_AT_XSK, "xsk" },
	{ 0, NULL },
};

/* Our items are not part of the packet's octets, so none of them covers any. */
static proto_item *number_add(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t value)
{
	proto_item *item = proto_tree_add_uint(tree, field, tvb, 0, 0, value);

	proto_item_set_generated(item);
	return item;
}

static void number_add_known(proto_tree *tree, int field, tvbuff_t *tvb, CommentNumber number)
{
	if (number.known)
		number_add(tree, field, tvb, number.value);
}

static void text_add_known(proto_tree *tree, int field, tvbuff_t *tvb, const char *text)
{
	if (text)
		proto_item_set_generated(proto_tree_add_string(tree, field, tvb, 0, 0, text));
}

static void action_add(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t action)
{
	proto_item *item = number_add(tree, hf_action, tvb, action);

	if (action == ACTION_ABORTED)
		expert_add_info(pinfo, item, &ei_aborted);
	else if (action >= ACTION_COUNT)
		expert_add_info(pinfo, item, &ei_action_unknown);
}

static void point_add(proto_tree *tree, tvbuff_t *tvb, CommentNumber point)
{
	proto_item *item;

	if (!point.known)
		return;
	item = number_add(tree, hf_point, tvb, point.value);
	/* The hook itself is shown: that it is one says nothing more, but filters need it. */
	if (point.value == SEEN_AT_HOOK)
		proto_item_set_hidden(item);
}

/* Fields escape control characters, summary lines do not. */
static void summary_append_text(packet_info *pinfo, proto_item *item, const char *name,
				const char *text)
{
	/* Through void *: Wireshark's versions differ in the signedness of the characters. */
	const void *octets = text;

	proto_item_append_text(item, ", %s: %s", name,
			       format_text(pinfo->pool, octets, strlen(text)));
}

static void summary_append(packet_info *pinfo, proto_item *item, const Verdict *verdict)
{
	if (verdict->action.known)
		proto_item_append_text(
			item, ", Action: %s",
			val_to_str_const(verdict->action.value, action_vals, "unknown"));
	if (verdict->hook)
		summary_append_text(pinfo, item, "Hook", verdict->hook);
	else if (verdict->program)
		summary_append_text(pinfo, item, "Program", verdict->program);
	else if (verdict->process)
		summary_append_text(pinfo, item, "Process", verdict->process);
}

static void verdict_show(const Verdict *verdict, const Pair *pair, const Journey *journey,
			 tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent)
{
	proto_item *top = proto_tree_add_protocol_format(parent, proto_xdp, tvb, 0, 0, "%s", "XDP");
	proto_tree *tree = proto_item_add_subtree(top, ett_xdp);

	summary_append(pinfo, top, verdict);
	if (verdict->action.known)
		action_add(tree, tvb, pinfo, verdict->action.value);
	point_add(tree, tvb, verdict->point);
	text_add_known(tree, hf_hook, tvb, verdict->hook);
	text_add_known(tree, hf_program, tvb, verdict->program);
	number_add_known(tree, hf_program_id, tvb, verdict->program_id);
	text_add_known(tree, hf_interface, tvb, verdict->interface);
	text_add_known(tree, hf_namespace, tvb, verdict->namespace);
	text_add_known(tree, hf_host, tvb, verdict->host);
	number_add_known(tree, hf_queue, tvb, verdict->queue);
	number_add_known(tree, hf_cpu, tvb, verdict->cpu);
	number_add(tree, hf_wire_length, tvb, pinfo->fd->pkt_len);
	xdp_socket_show(verdict, tvb, tree);
	passage_show(verdict, pair, tvb, pinfo, parent, tree);
	if (journey)
		journey_show(journey, tvb, tree);
	if (verdict->lost)
		expert_add_info_format(pinfo, top, &ei_lost,
				       "%" PRIu64 " packet%s lost before this one", verdict->lost,
				       verdict->lost == 1 ? "" : "s");
}

static void info_show(packet_info *pinfo, const Verdict *verdict)
{
	const char *changed =
		verdict->point.value == SEEN_AT_EXIT && verdict->changed ? ", changed" : "";

	if (show_in_info && verdict->action.known)
		col_prepend_fstr(pinfo->cinfo, COL_INFO, "[%s%s] ",
				 val_to_str_const(verdict->action.value, action_vals, "unknown"),
				 changed);
}

static int dissect_xdp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
	Verdict verdict;
	Journey journey;
	Pair pair;
	bool on_journey;

	(void)data;
	/* Even without a tree: the Expert Information window does not ask for one. */
	if (!verdict_read(pinfo, &verdict))
		return 0;
	pair = pair_find(pinfo, tvb, &verdict);
	/* Files of others do not say what changed. */
	if (!verdict.changed && pair.difference)
		verdict.changed = difference_changed(pair.difference);
	on_journey = journey_find_xdp(
		pinfo, &verdict, verdict.point.value == SEEN_AT_EXIT ? pair.other : 0, &journey);
	verdict_show(&verdict, &pair, on_journey ? &journey : NULL, tvb, pinfo, tree);
	if (on_journey)
		journey_statistics_add(pinfo, &journey, journey_point_of(&verdict));
	statistics_add(pinfo, &verdict, pair.counts);
	info_show(pinfo, &verdict);
	return (int)tvb_captured_length(tvb);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_action, { "Action", "xdp.action", FT_UINT32, BASE_DEC, VALS(action_vals), 0,
		"What the XDP program decided", HFILL } },
	{ &hf_point, { "Point", "xdp.point", FT_UINT32, BASE_DEC, VALS(point_vals), 0,
		"Where the packet was seen", HFILL } },
	{ &hf_hook, { "Hook", "xdp.hook", FT_STRING, BASE_NONE, NULL, 0,
		"Path of the pinned hook map", HFILL } },
	{ &hf_program, { "Program", "xdp.program", FT_STRING, BASE_NONE, NULL, 0,
		"Name of the XDP program", HFILL } },
	{ &hf_program_id, { "Program ID", "xdp.program_id", FT_UINT32, BASE_DEC, NULL, 0,
		"The kernel's id of the XDP program", HFILL } },
	{ &hf_interface, { "Interface", "xdp.interface", FT_STRING, BASE_NONE, NULL, 0,
		"Network device that received the packet, or sends it", HFILL } },
	{ &hf_namespace, { "Network namespace", "xdp.netns", FT_STRING, BASE_NONE, NULL, 0,
		"Network namespace of the device", HFILL } },
	{ &hf_host, { "Host", "xdp.host", FT_STRING, BASE_NONE, NULL, 0,
		"The other host that the packet was captured on", HFILL } },
	{ &hf_queue, { "Queue", "xdp.queue", FT_UINT32, BASE_DEC, NULL, 0,
		"Receive queue of the network device", HFILL } },
	{ &hf_cpu, { "CPU", "xdp.cpu", FT_UINT32, BASE_DEC, NULL, 0,
		"Processor that ran the XDP program", HFILL } },
	{ &hf_wire_length, { "Wire length", "xdp.wire_length", FT_UINT32, BASE_DEC, NULL, 0,
		"Octets of the packet before it was truncated", HFILL } },
};

static ei_register_info experts[] = {
	{ &ei_aborted, { "xdp.aborted", PI_RESPONSE_CODE, PI_WARN,
		"XDP program aborted: usually an error inside it", EXPFILL } },
	{ &ei_action_unknown, { "xdp.action.unknown", PI_RESPONSE_CODE, PI_WARN,
		"The kernel does not know this action and treats it as ABORTED", EXPFILL } },
	{ &ei_lost, { "xdp.lost", PI_SEQUENCE, PI_NOTE,
		"Packets lost before this one", EXPFILL } },
};
/* clang-format on */

static void preferences_register(void)
{
	module_t *module = prefs_register_protocol(proto_xdp, NULL);

	prefs_register_bool_preference(
		module, "info_column", "Show the action in the Info column",
		"Begin the Info column of each packet with what XDP did to it", &show_in_info);
	prefs_register_uint_preference(
		module, "entry_octets", "Octets of a packet to compare",
		"So many octets of each packet at a program's entry are kept in memory until the "
		"packet at the exit is compared with it; 0 compares none",
		10, &entry_octets);
}

static void proto_register_xdp(void)
{
	static int *subtrees[] = { &ett_xdp };
	expert_module_t *module;

	proto_xdp = proto_register_protocol("XDP verdict", "XDP", "xdp");
	proto_register_field_array(proto_xdp, fields, array_length(fields));
	proto_register_subtree_array(subtrees, array_length(subtrees));
	module = expert_register_protocol(proto_xdp);
	expert_register_field_array(module, experts, array_length(experts));
	passage_register(proto_xdp, module);
	xdp_socket_register(proto_xdp);
	pair_register(proto_xdp, &entry_octets);
	statistics_register();
	preferences_register();
}

static void proto_handoff_xdp(void)
{
	register_postdissector(create_dissector_handle(dissect_xdp, proto_xdp));
}

void plugin_register(void)
{
	static proto_plugin plugin = {
		.register_protoinfo = proto_register_xdp,
		.register_handoff = proto_handoff_xdp,
	};

	proto_register_plugin(&plugin);
	packet_skb_register();
}

#ifdef PLUGIN_HAS_DESCRIBE
uint32_t plugin_describe(void)
{
	return WS_PLUGIN_DESC_DISSECTOR;
}
#endif
