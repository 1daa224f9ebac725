/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xdp_socket.h"

#include <epan/proto.h>

static int hf_socket = -1;
static int hf_process = -1;
static int hf_process_id = -1;
static int hf_sent = -1;

static const value_string sent_vals[] = {
	{ SENT_OK, "OK" },	 { SENT_DROP, "DROP" }, { SENT_BUSY, "BUSY" },
	{ SENT_ERROR, "ERROR" }, { 0, NULL },
};

static void number_add(proto_tree *tree, int field, tvbuff_t *tvb, CommentNumber number)
{
	if (number.known)
		proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, number.value));
}

void xdp_socket_show(const Verdict *verdict, tvbuff_t *tvb, proto_tree *tree)
{
	number_add(tree, hf_sent, tvb, verdict->sent);
	if (verdict->socket.known)
		proto_item_set_generated(
			proto_tree_add_uint64(tree, hf_socket, tvb, 0, 0, verdict->socket.value));
	if (verdict->process)
		proto_item_set_generated(
			proto_tree_add_string(tree, hf_process, tvb, 0, 0, verdict->process));
	number_add(tree, hf_process_id, tvb, verdict->process_id);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_sent, { "Sent", "xdp.sent", FT_UINT32, BASE_DEC, VALS(sent_vals), 0,
		"What became of the packet that the socket sent", HFILL } },
	{ &hf_socket, { "Socket", "xdp.socket", FT_UINT64, BASE_DEC, NULL, 0,
		"Inode of the AF_XDP socket that the packet went to, or came from", HFILL } },
	{ &hf_process, { "Process", "xdp.process", FT_STRING, BASE_NONE, NULL, 0,
		"Name of the process that has the socket", HFILL } },
	{ &hf_process_id, { "Process ID", "xdp.process_id", FT_UINT32, BASE_DEC, NULL, 0,
		"Number of that process", HFILL } },
};
/* clang-format on */

void xdp_socket_register(int protocol)
{
	proto_register_field_array(protocol, fields, array_length(fields));
}
