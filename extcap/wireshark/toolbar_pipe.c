// SPDX-License-Identifier: GPL-2.0-or-later
#include "toolbar_pipe.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* Before each payload: the letter, 24 bits of length from the control number on (big-endian),
 * control number, command. */
#define MARK	     'T'
#define LENGTH_BYTES 3
#define HEAD_BYTES   (1 + LENGTH_BYTES)
#define INNER_BYTES  2

/* Wireshark sends no longer payload. */
#define PAYLOAD_MAX 65535

/* What may wait for a Wireshark that does not read: then nothing more, and less important things
 * much earlier. */
#define PENDING_MAX  ((gsize)1024 * 1024)
#define PENDING_FULL 16384

struct ToolbarPipe {
	int in;
	int out;
	guint in_source;  /* 0: nothing will come any more */
	guint out_source; /* 0: nothing waits, or nobody will read it */
	GByteArray *received;
	GByteArray *pending;
	gboolean closed; /* out takes no more */
	ToolbarPipeFunc *func;
	gpointer data;
};

static gsize length_at(const guint8 *head)
{
	return (gsize)head[1] << 16 | (gsize)head[2] << 8 | head[3];
}

/* Takes the first message of those received. FALSE if it is not complete, or, with *ret_wrong, no
 * message. */
static gboolean take_message(ToolbarPipe *pipe, gboolean *ret_wrong)
{
	const guint8 *data = pipe->received->data;
	g_autofree char *payload = NULL;
	guint8 control, command;
	gsize length;

	if (pipe->received->len < HEAD_BYTES)
		return FALSE;
	length = length_at(data);
	*ret_wrong = data[0] != MARK || length < INNER_BYTES || length > PAYLOAD_MAX + INNER_BYTES;
	if (*ret_wrong || pipe->received->len < HEAD_BYTES + length)
		return FALSE;
	control = data[HEAD_BYTES];
	command = data[HEAD_BYTES + 1];
	payload = g_malloc0(length - INNER_BYTES + 1);
	memcpy(payload, data + HEAD_BYTES + INNER_BYTES, length - INNER_BYTES);
	g_byte_array_remove_range(pipe->received, 0, (guint)(HEAD_BYTES + length));
	pipe->func(control, command, payload, length - INNER_BYTES, pipe->data);
	return TRUE;
}

static gboolean on_input(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	ToolbarPipe *pipe = data;
	gboolean wrong = FALSE;
	guint8 buffer[4096];
	gssize got = read(fd, buffer, sizeof(buffer));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (got > 0) {
		g_byte_array_append(pipe->received, buffer, (guint)got);
		while (take_message(pipe, &wrong))
			;
	}
	if (got > 0 && !wrong)
		return G_SOURCE_CONTINUE;
	if (wrong)
		g_warning("what Wireshark's toolbar sends is not understood: it is ignored from "
			  "now on");
	pipe->in_source = 0;
	return G_SOURCE_REMOVE;
}

/* Writes what waits, as far as it is taken. FALSE if nothing is left to do. */
static gboolean flush(ToolbarPipe *pipe)
{
	gssize written = write(pipe->out, pipe->pending->data, pipe->pending->len);

	if (written < 0 && errno != EAGAIN && errno != EINTR) {
		pipe->closed = TRUE;
		g_byte_array_set_size(pipe->pending, 0);
	} else if (written > 0) {
		g_byte_array_remove_range(pipe->pending, 0, (guint)written);
	}
	return pipe->pending->len > 0;
}

static gboolean on_room(gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	ToolbarPipe *pipe = data;

	if (flush(pipe))
		return G_SOURCE_CONTINUE;
	pipe->out_source = 0;
	return G_SOURCE_REMOVE;
}

ToolbarPipe *toolbar_pipe_new(int in, int out, ToolbarPipeFunc *func, gpointer data)
{
	ToolbarPipe *pipe = g_new0(ToolbarPipe, 1);

	pipe->in = in;
	pipe->out = out;
	pipe->received = g_byte_array_new();
	pipe->pending = g_byte_array_new();
	pipe->func = func;
	pipe->data = data;
	pipe->in_source = g_unix_fd_add(in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, pipe);
	return pipe;
}

void toolbar_pipe_free(ToolbarPipe *pipe)
{
	if (!pipe)
		return;
	g_clear_handle_id(&pipe->in_source, g_source_remove);
	g_clear_handle_id(&pipe->out_source, g_source_remove);
	g_byte_array_unref(pipe->received);
	g_byte_array_unref(pipe->pending);
	g_free(pipe);
}

void toolbar_pipe_send(ToolbarPipe *pipe, guint8 control, ToolbarCommand command,
		       const void *payload, gsize length)
{
	gsize cut = MIN(length, PAYLOAD_MAX), inner = cut + INNER_BYTES;
	const guint8 head[] = { MARK,	 (guint8)(inner >> 16), (guint8)(inner >> 8), (guint8)inner,
				control, (guint8)command };

	if (pipe->closed || pipe->pending->len + sizeof(head) + cut > PENDING_MAX)
		return;
	g_byte_array_append(pipe->pending, head, sizeof(head));
	g_byte_array_append(pipe->pending, payload, (guint)cut);
	if (pipe->out_source == 0 && flush(pipe))
		pipe->out_source = g_unix_fd_add(pipe->out, G_IO_OUT | G_IO_ERR, on_room, pipe);
}

gboolean toolbar_pipe_is_full(const ToolbarPipe *pipe)
{
	return pipe->pending->len > PENDING_FULL;
}
