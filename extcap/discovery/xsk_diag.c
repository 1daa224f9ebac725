// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_diag.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <sys/socket.h>

#include "netlink.h"

static int read_attribute(const struct nlattr *attribute, void *data)
{
	const struct xdp_diag_info *info = mnl_attr_get_payload(attribute);

	if (mnl_attr_get_type(attribute) == XDP_DIAG_INFO &&
	    mnl_attr_get_payload_len(attribute) >= sizeof(*info))
		g_hash_table_add(data, GUINT_TO_POINTER(info->ifindex));
	return MNL_CB_OK;
}

static int read_socket(const struct nlmsghdr *message, void *data)
{
	return message->nlmsg_type == SOCK_DIAG_BY_FAMILY
		       ? mnl_attr_parse(message, sizeof(struct xdp_diag_msg), read_attribute, data)
		       : MNL_CB_OK;
}

GHashTable *xsk_diag_devices(void)
{
	struct {
		struct nlmsghdr header;
		struct xdp_diag_req request;
	} dump = {
		.header = {
			.nlmsg_len = sizeof(dump),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = 1,
		},
		.request = { .sdiag_family = AF_XDP, .xdiag_show = XDP_SHOW_INFO },
	};
	GHashTable *devices = g_hash_table_new(NULL, NULL);
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);

	if (!socket)
		return devices;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(socket, &dump, sizeof(dump)) == (ssize_t)sizeof(dump))
		netlink_receive(socket, dump.header.nlmsg_seq, read_socket, devices);
	mnl_socket_close(socket);
	return devices;
}
