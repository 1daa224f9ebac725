// SPDX-License-Identifier: GPL-2.0-or-later
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Precedes each message. The descriptors come with its first byte. */
typedef struct {
	guint32 size;
} Head;

static int flags_for(const ChannelPatience *patience)
{
	return MSG_NOSIGNAL | (patience ? MSG_DONTWAIT : 0);
}

/* Whether to retry a call that has failed. */
static gboolean is_worth_waiting(int socket, short events, const ChannelPatience *patience)
{
	if (errno == EINTR)
		return TRUE;
	return patience && (errno == EAGAIN || errno == EWOULDBLOCK) &&
	       patience->wait(socket, events, patience->data);
}

static gboolean send_all(int socket, const void *data, gsize size, const ChannelPatience *patience)
{
	const char *at = data;

	while (size > 0) {
		gssize sent = send(socket, at, size, flags_for(patience));

		if (sent < 0 && is_worth_waiting(socket, POLLOUT, patience))
			continue;
		if (sent <= 0)
			return FALSE;
		at += sent;
		size -= sent;
	}
	return TRUE;
}

static gboolean send_head(int socket, const Head *head, const int *fds, guint count,
			  const ChannelPatience *patience)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec piece = { (void *)head, sizeof(*head) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	gssize sent;

	if (count > CHANNEL_FDS_MAX)
		return FALSE;
	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, flags_for(patience));
	while (sent < 0 && is_worth_waiting(socket, POLLOUT, patience));
	return sent > 0 &&
	       send_all(socket, (const char *)head + sent, sizeof(*head) - sent, patience);
}

gboolean channel_send(int socket, GVariant *value, const int *fds, guint count,
		      const ChannelPatience *patience)
{
	g_autoptr(GVariant) held = g_variant_ref_sink(value);
	const Head head = { g_variant_get_size(held) };

	return head.size <= CHANNEL_SIZE_MAX && send_head(socket, &head, fds, count, patience) &&
	       send_all(socket, g_variant_get_data(held), head.size, patience);
}

static gboolean receive_all(int socket, void *data, gsize size, const ChannelPatience *patience)
{
	char *at = data;

	while (size > 0) {
		gssize got = recv(socket, at, size, flags_for(patience));

		if (got < 0 && is_worth_waiting(socket, POLLIN, patience))
			continue;
		if (got <= 0)
			return FALSE;
		at += got;
		size -= got;
	}
	return TRUE;
}

static void take_fds(struct msghdr *message, GArray *fds)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		guint count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (guint i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (fds)
				g_array_append_val(fds, fd);
			else
				close(fd);
		}
	}
}

static gboolean receive_head(int socket, Head *ret_head, GArray *fds,
			     const ChannelPatience *patience)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
	} control;
	struct iovec piece = { ret_head, sizeof(*ret_head) };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	gssize got;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags_for(patience));
	while (got < 0 && is_worth_waiting(socket, POLLIN, patience));
	if (got <= 0)
		return FALSE;
	take_fds(&message, fds);
	return receive_all(socket, (char *)ret_head + got, sizeof(*ret_head) - got, patience);
}

GVariant *channel_receive(int socket, const GVariantType *type, GArray *fds,
			  const ChannelPatience *patience)
{
	g_autoptr(GVariant) value = NULL;
	g_autofree guint8 *data = NULL;
	Head head;

	if (!receive_head(socket, &head, fds, patience) || head.size > CHANNEL_SIZE_MAX)
		return NULL;
	data = g_malloc(head.size);
	if (!receive_all(socket, data, head.size, patience))
		return NULL;
	value = g_variant_ref_sink(
		g_variant_new_from_data(type, data, head.size, FALSE, g_free, data));
	g_steal_pointer(&data);
	return g_variant_is_normal_form(value) ? g_steal_pointer(&value) : NULL;
}
