/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that leads to another host (ssh, kubectl exec), with pipes to its standard input,
 * output and error. Between it and us is a process that outlives us by seconds: it sees to it that
 * the program ends when we do, however that is, and even if we have dropped the right to end it.
 * Neither of them has a terminal, so nothing can be asked for there, and Ctrl-C is ours alone.
 */
#ifndef XDPSHARK_REMOTE_PROCESS_H
#define XDPSHARK_REMOTE_PROCESS_H

#include <glib.h>

typedef struct RemoteProcess RemoteProcess;

/* command: argv, ending with NULL. */
RemoteProcess *remote_process_start(const char *const *command, GError **error);

/* Its pipes, which do not block; owned by the process. */
int remote_process_output(const RemoteProcess *process);
int remote_process_error(const RemoteProcess *process);
/* Readable when the program has ended. */
int remote_process_end_fd(const RemoteProcess *process);

/* Its standard input brings a line feed each second: we are still there. Brings these bytes, too;
 * line feeds may come between them. */
void remote_process_send(RemoteProcess *process, const char *bytes, gsize length);

/* Closes it: the program is to
 * end by itself. */
void remote_process_close_input(RemoteProcess *process);

/* How it has ended. FALSE as long as it has not. */
gboolean remote_process_take_end(RemoteProcess *process);

/* After that: 0, or why it failed, if the program itself could not be started or was killed; else
 * NULL. Owned by the process. */
int remote_process_status(const RemoteProcess *process);
const char *remote_process_failure(const RemoteProcess *process);

/* Ends it at once if it still runs. */
void remote_process_free(RemoteProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RemoteProcess, remote_process_free)

#endif /* XDPSHARK_REMOTE_PROCESS_H */
