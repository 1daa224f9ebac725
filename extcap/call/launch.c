// SPDX-License-Identifier: GPL-2.0-or-later
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker.h"
#include "call.h"
#include "child_end.h"
#include "hookd_file.h"

/* Long enough to load it from a slow disk. */
#define START_LIMIT_MS 10000

/* Runs in the child: makes only calls that are safe between fork and exec. Writes errno to report
 * if it fails. */
static void exec_hookd(const char *path, int socket, int report)
{
	char *const arguments[] = { "xdpshark-hookd", NULL };
	char *const environment[] = { NULL };
	int reason;

	if (dup2(socket, CALL_SOCKET_FD) == CALL_SOCKET_FD)
		execve(path, arguments, environment);
	reason = errno;
	if (write(report, &reason, sizeof(reason)) < 0)
		_exit(2);
	_exit(1);
}

/* Returns 0 when the child has become xdpshark-hookd, otherwise errno. */
static int wait_for_exec(int report)
{
	struct pollfd ready = { .fd = report, .events = POLLIN };
	int reason = 0;

	if (poll(&ready, 1, START_LIMIT_MS) == 0)
		return ETIMEDOUT;
	return read(report, &reason, sizeof(reason)) == sizeof(reason) ? reason : 0;
}

/* Returns 0 or errno. */
static int start_child(const char *path, int socket, pid_t *ret_pid)
{
	int report[2], reason;
	pid_t child;

	if (pipe2(report, O_CLOEXEC) < 0)
		return errno;
	/* Move both above CALL_SOCKET_FD, so that the dup2() to it neither closes one of them nor
	 * is a no-op. */
	int end = fcntl(report[1], F_DUPFD_CLOEXEC, CALL_SOCKET_FD + 1);
	int theirs = fcntl(socket, F_DUPFD_CLOEXEC, CALL_SOCKET_FD + 1);
	child = end >= 0 && theirs >= 0 ? fork() : -1;
	reason = errno;
	if (child == 0)
		exec_hookd(path, theirs, end);
	close(report[1]);
	if (end >= 0)
		close(end);
	if (theirs >= 0)
		close(theirs);
	if (child > 0)
		reason = wait_for_exec(report[0]);
	close(report[0]);
	*ret_pid = child;
	return reason;
}

static void set_permission_error(GError **error, const char *path)
{
	g_autofree char *group = hookd_file_group(path), *folder = g_path_get_dirname(path);
	g_autofree char *join = group ? hookd_file_join(group) : NULL;

	if (group)
		g_set_error(
			error, BROKER_ERROR, BROKER_ERROR_PERMISSION,
			"no permission to run %s: only root and the members of its group %s may "
			"see XDP hooks ('%s', then log in again)",
			path, group, join);
	else
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_PERMISSION,
			    "no permission to run %s: only root may see XDP hooks (to let the "
			    "members of a group, too: 'sudo %s/xdpshark-permit -g GROUP')",
			    path, folder);
}

static void set_start_error(GError **error, const char *path, int reason)
{
	if (reason == EACCES)
		set_permission_error(error, path);
	else if (reason == EPERM)
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_PERMISSION,
			    "cannot run %s: %s: this container or service may not have the "
			    "capabilities that it is installed with",
			    path, g_strerror(reason));
	else if (reason == ENOENT || reason == ENOEXEC)
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
			    "cannot run %s: %s: install xdpshark with 'cmake --install'", path,
			    g_strerror(reason));
	else
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED, "cannot run %s: %s", path,
			    child_start_reason(reason));
}

gboolean launch_hookd(int *ret_socket, pid_t *ret_pid, GError **error)
{
	g_autofree char *path = hookd_file_path();
	int sockets[2], reason;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) {
		set_start_error(error, path, errno);
		return FALSE;
	}
	reason = start_child(path, sockets[1], ret_pid);
	close(sockets[1]);
	if (reason != 0) {
		close(sockets[0]);
		set_start_error(error, path, reason);
		return FALSE;
	}
	*ret_socket = sockets[0];
	return TRUE;
}
