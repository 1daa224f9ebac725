// SPDX-License-Identifier: GPL-2.0-or-later
#include "channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Before the message. The descriptors come with its first byte. */
typedef struct {
	guint32 size;
} Head;

static gboolean send_all(int socket, const void *data, gsize size)
{
	const char *at = data;

	while (size > 0) {
		gssize sent = send(socket, at, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return FALSE;
		at += sent;
		size -= sent;
	}
	return TRUE;
}

static gboolean send_head(int socket, const Head *head, const int *fds, guint count)
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
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent > 0 && send_all(socket, (const char *)head + sent, sizeof(*head) - sent);
}

gboolean channel_send(int socket, GVariant *value, const int *fds, guint count)
{
	g_autoptr(GVariant) held = g_variant_ref_sink(value);
	const Head head = { g_variant_get_size(held) };

	return head.size <= CHANNEL_SIZE_MAX && send_head(socket, &head, fds, count) &&
	       send_all(socket, g_variant_get_data(held), head.size);
}

static gboolean receive_all(int socket, void *data, gsize size)
{
	char *at = data;

	while (size > 0) {
		gssize got = recv(socket, at, size, 0);

		if (got < 0 && errno == EINTR)
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

static gboolean receive_head(int socket, Head *head, GArray *fds)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
	} control;
	struct iovec piece = { head, sizeof(*head) };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	gssize got;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return FALSE;
	take_fds(&message, fds);
	return receive_all(socket, (char *)head + got, sizeof(*head) - got);
}

GVariant *channel_receive(int socket, const GVariantType *type, GArray *fds)
{
	g_autoptr(GVariant) value = NULL;
	g_autofree guint8 *data = NULL;
	Head head;

	if (!receive_head(socket, &head, fds) || head.size > CHANNEL_SIZE_MAX)
		return NULL;
	data = g_malloc(head.size);
	if (!receive_all(socket, data, head.size))
		return NULL;
	value = g_variant_ref_sink(
		g_variant_new_from_data(type, data, head.size, FALSE, g_free, data));
	g_steal_pointer(&data);
	return g_variant_is_normal_form(value) ? g_steal_pointer(&value) : NULL;
}
