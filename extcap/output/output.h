/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a capture goes: a file, standard output, a FIFO or a socket, written in large pieces and,
 * when its reader is slow, never waited for. The program must ignore SIGPIPE, and SIGXFSZ for its
 * limits on file sizes to be reported.
 */
#ifndef XDPSHARK_OUTPUT_H
#define XDPSHARK_OUTPUT_H

#include <glib.h>

typedef struct Output Output;

typedef enum {
	OUTPUT_EMPTY,	/* everything that was pending is written */
	OUTPUT_BLOCKED, /* the reader is slow: wait until output_fd() is writable */
	OUTPUT_CLOSED,	/* the reader has gone away: not an error */
	OUTPUT_FAILED,	/* disk full, I/O error: error is set */
} OutputState;

/* Creates (with mode 0600) or truncates path; a FIFO at path is opened for writing, for
 * which it waits until there is a reader. A signal whose handler was set without SA_RESTART ends
 * that wait with G_FILE_ERROR_INTR; g_unix_signal_add() sets it, so call this before. Call it only
 * when everything else is known to be good. Errors are G_FILE_ERROR. */
Output *output_open(const char *path, GError **error);

/* Opens a FIFO that is there, for which it waits until there is a reader; creates and truncates
 * nothing. */
Output *output_open_fifo(const char *path, GError **error);

/* Takes over fd (standard output, say), unless it fails, and closes it at the end. Refuses a
 * terminal. name is for messages and is copied. Does not change the open file's flags for the
 * others who share it. */
Output *output_new(int fd, const char *name, GError **error);

/* Append to it, then call output_flush(). Owned by the output; it may begin with bytes that are
 * written already (output_backlog() tells how many are not), and its data may move in each call
 * here. */
GByteArray *output_pending(Output *output);

/* Bytes that wait to be written. The caller limits them: nothing here does. */
gsize output_backlog(const Output *output);

/* Writes what is pending as far as it goes without waiting (a regular file takes all of it). After
 * OUTPUT_CLOSED and OUTPUT_FAILED the rest stays pending, a further call tries again. */
OutputState output_flush(Output *output, GError **error);

/* Takes the last bytes that were written out of a file again, so that it ends with something whole.
 * What is no regular file, or goes on behind these bytes, stays as it is. */
void output_cut(Output *output, gsize bytes);

/* Like output_flush(), but waits up to timeout_ms for a slow reader. OUTPUT_BLOCKED: not all of it
 * went out. */
OutputState output_finish(Output *output, guint timeout_ms, GError **error);

/* For poll: G_IO_OUT when blocked; G_IO_ERR or G_IO_HUP, which need not be asked for, when the
 * reader goes away. -1 for a regular file or a device, which never block and have no reader. */
int output_fd(const Output *output);

/* For messages: the path, or "standard output". */
const char *output_name(const Output *output);

/* Bytes written so far. */
guint64 output_written(const Output *output);

void output_free(Output *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Output, output_free)

#endif /* XDPSHARK_OUTPUT_H */
