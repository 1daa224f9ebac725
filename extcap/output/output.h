/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a capture goes: a file, standard output, a FIFO or a socket. It is written in large pieces,
 * and a slow reader is never waited for. The program must ignore SIGPIPE, and also SIGXFSZ so that
 * a limit on the file size is reported.
 */
#ifndef XDPSHARK_OUTPUT_H
#define XDPSHARK_OUTPUT_H

#include <glib.h>

#include "compression.h"

typedef struct Output Output;

typedef enum {
	OUTPUT_EMPTY,	/* everything pending was written */
	OUTPUT_BLOCKED, /* the reader is slow: wait until output_fd() is writable */
	OUTPUT_CLOSED,	/* the reader has gone away; not an error */
	OUTPUT_FAILED,	/* disk full, I/O error: error is set */
} OutputState;

/* Creates (with mode 0600) or truncates path. If it is a FIFO, opens it for writing and waits until
 * there is a reader. A signal whose handler was set without SA_RESTART ends that wait with
 * G_FILE_ERROR_INTR; g_unix_signal_add() sets SA_RESTART, so call this first. Call it only when
 * everything else is known to work. Errors are of G_FILE_ERROR. */
Output *output_open(const char *path, GError **error);

/* Opens an existing FIFO, and waits until there is a reader. Creates and truncates nothing. */
Output *output_open_fifo(const char *path, GError **error);

/* Takes over fd (standard output, say) unless it fails, and closes it at the end. Refuses a
 * terminal. name is for messages and is copied. Does not change the flags of an open file that
 * others share. */
Output *output_new(int fd, const char *name, GError **error);

/* Takes over fd, a file of that path which is the output's alone. */
Output *output_new_file(int fd, const char *path, GError **error);

/* What is written is compressed from now on, by a thread, in pieces of which each can be read by
 * itself: large ones, but not older than a second. An output to anything but a file is refused. To
 * be called before anything is pending. */
gboolean output_compress(Output *output, Compression compression, GError **error);

/* Goes on in another file, likewise; after output_settle(). */
void output_renew(Output *output, int fd, const char *path);

/* "cannot open NAME: why: what to do", for a verb and errno. */
void output_set_error(GError **error, const char *verb, const char *name, int code);

/* Append to it, then call output_flush(). Owned by the output. It may begin with bytes that were
 * already written (output_backlog() is the number of the others), and each call may move its
 * data. */
GByteArray *output_pending(Output *output);

/* All of it, as it is: of these bytes, the first *ret_written are written. Nothing moves. */
const guint8 *output_buffer(const Output *output, gsize *ret_length, gsize *ret_written);

/* Bytes waiting to be written. It is up to the caller to limit them. */
gsize output_backlog(const Output *output);

/* Writes as much of what is pending as possible without waiting (a regular file takes all of it).
 * After OUTPUT_CLOSED and OUTPUT_FAILED the rest stays pending, and another call tries again. */
OutputState output_flush(Output *output, GError **error);

/* Like output_flush(), but what is compressed is written when it returns. */
OutputState output_settle(Output *output, GError **error);

/* Something waits for a flush, even if nothing more comes. */
gboolean output_is_due(const Output *output);

/* Removes the last bytes that were written from a file, so that it ends with something whole. Does
 * nothing if it is not a regular file, or if the file goes on behind these bytes. */
void output_cut(Output *output, gsize bytes);

/* Like output_flush(), but waits up to timeout_ms for a slow reader. OUTPUT_BLOCKED: not everything
 * was written in time. */
OutputState output_finish(Output *output, guint timeout_ms, GError **error);

/* For polling: G_IO_OUT when blocked; G_IO_ERR or G_IO_HUP (always reported) when the reader goes
 * away. -1 for a regular file or a device, which never block and have no reader. (Compression may
 * block.) */
int output_fd(const Output *output);

/* For messages: the path, or "standard output". */
const char *output_name(const Output *output);

/* Bytes written so far to the current file; before they are compressed, and when they are handed to
 * what compresses them. */
guint64 output_written(const Output *output);

void output_free(Output *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Output, output_free)

#endif /* XDPSHARK_OUTPUT_H */
