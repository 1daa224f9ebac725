// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_diag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <sys/socket.h>

#define DUMP_SIZE 32768

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

static void receive(struct mnl_socket *socket, GHashTable *devices)
{
	g_autofree char *buffer = g_malloc(DUMP_SIZE);
	guint32 port = mnl_socket_get_portid(socket);
	int result = MNL_CB_OK;

	while (result > MNL_CB_STOP) {
		ssize_t size = mnl_socket_recvfrom(socket, buffer, DUMP_SIZE);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return;
		result = mnl_cb_run(buffer, (size_t)size, 1, port, read_socket, devices);
	}
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
		receive(socket, devices);
	mnl_socket_close(socket);
	return devices;
}
