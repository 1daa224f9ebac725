/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two FIFOs between Wireshark's toolbar and a capture: messages of a control number, a command
 * and a payload. Never waits for Wireshark.
 */
#ifndef XDPSHARK_TOOLBAR_PIPE_H
#define XDPSHARK_TOOLBAR_PIPE_H

#include <glib.h>

/* By Wireshark's extcap documentation. */
typedef enum {
	TOOLBAR_INITIALIZED,
	TOOLBAR_SET,
	TOOLBAR_ADD,
	TOOLBAR_REMOVE,
	TOOLBAR_ENABLE,
	TOOLBAR_DISABLE,
	TOOLBAR_STATUS,
	TOOLBAR_INFORMATION,
	TOOLBAR_WARNING,
	TOOLBAR_ERROR,
} ToolbarCommand;

/* Takes a message from Wireshark. The payload ends with a zero byte that does not count. */
typedef void ToolbarPipeFunc(guint8 control, guint8 command, const char *payload, gsize length,
			     gpointer data);

/* in and out: descriptors that do not block, which stay the caller's. Messages are received while
 * the default main context runs. */
typedef struct ToolbarPipe ToolbarPipe;
ToolbarPipe *toolbar_pipe_new(int in, int out, ToolbarPipeFunc *func, gpointer data);
void toolbar_pipe_free(ToolbarPipe *pipe);

void toolbar_pipe_send(ToolbarPipe *pipe, guint8 control, ToolbarCommand command,
		       const void *payload, gsize length);

/* So much waits for Wireshark that what is not needed should not be sent. */
gboolean toolbar_pipe_is_full(const ToolbarPipe *pipe);

#endif /* XDPSHARK_TOOLBAR_PIPE_H */
