// SPDX-License-Identifier: GPL-2.0-or-later
#include "opener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptor.h"
#include "privilege.h"

/* Where there are none. */
#ifndef O_PATH
#define O_PATH O_RDONLY
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SIGPIPE is ignored */
#endif

/* A capture ends within 10 s of being asked to, even if a file system does not answer. */
#define ANSWER_LIMIT_S 3

/* In the second process. */
#define SOCKET_FD 3
#define FOLDER_FD 4

struct Opener {
	int socket;
	pid_t pid;
};

typedef struct {
	int error; /* 0: a descriptor comes with it */
	char name[PATH_MAX];
} Answer;

static void send_answer(int socket, const Answer *answer, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { .iov_base = (void *)answer, .iov_len = sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	(void)sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* Nothing of the capture is kept open: neither its standard output nor the way to
 * xdpshark-hookd. */
static gboolean move_descriptors(int socket, int folder)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Above those that are overwritten. */
	int socket_copy = fcntl(socket, F_DUPFD_CLOEXEC, FOLDER_FD + 1);
	int folder_copy = fcntl(folder, F_DUPFD_CLOEXEC, FOLDER_FD + 1);

	if (null < 0 || socket_copy < 0 || folder_copy < 0)
		return FALSE;
	for (int fd = 0; fd < SOCKET_FD; fd++)
		if (dup2(null, fd) < 0)
			return FALSE;
	if (dup2(socket_copy, SOCKET_FD) < 0 || dup2(folder_copy, FOLDER_FD) < 0)
		return FALSE;
	descriptor_close_from(FOLDER_FD + 1);
	return TRUE;
}

/* Ends with the capture, whatever signals the terminal sends to both. */
static void serve(OpenerNext *next, gpointer data)
{
	guint8 request;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (recv(SOCKET_FD, &request, sizeof(request), 0) > 0) {
		g_autofree char *name = NULL;
		int fd = next(data, request, FOLDER_FD, &name);
		Answer answer = { .error = fd < 0 ? errno : 0 };

		g_strlcpy(answer.name, name, sizeof(answer.name));
		send_answer(SOCKET_FD, &answer, fd);
		if (fd >= 0)
			close(fd);
	}
}

static int open_folder(const char *folder, GError **error)
{
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot open the folder %s: %s: create it first, or name another one",
			    folder, g_strerror(errno));
	return fd;
}

Opener *opener_new(const char *folder, OpenerNext *next, gpointer data, GError **error)
{
	const struct timeval limit = { .tv_sec = ANSWER_LIMIT_S };
	int folder_fd = open_folder(folder, error);
	Opener *opener;
	int ends[2];

	if (folder_fd < 0)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot create a socket: %s", g_strerror(errno));
		close(folder_fd);
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
	opener = g_new0(Opener, 1);
	opener->socket = ends[0];
	(void)setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	opener->pid = fork();
	if (opener->pid == 0) {
		if (privilege_keep_files(NULL) && move_descriptors(ends[1], folder_fd))
			serve(next, data);
		_exit(0);
	}
	close(ends[1]);
	close(folder_fd);
	if (opener->pid > 0)
		return opener;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
		    "cannot start a process: %s", g_strerror(errno));
	opener_free(opener);
	return NULL;
}

int opener_next(Opener *opener, guint8 request, char **ret_name)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	Answer answer = { 0 };
	struct iovec part = { .iov_base = &answer, .iov_len = sizeof(answer) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	gssize length = send(opener->socket, &request, 1, MSG_NOSIGNAL);
	int fd = -1;

	if (length == 1)
		do
			length = recvmsg(opener->socket, &message, MSG_WAITALL);
		while (length < 0 && errno == EINTR);
	answer.name[sizeof(answer.name) - 1] = '\0';
	*ret_name = g_strdup(answer.name[0] ? answer.name : "the next file");
	if (length == sizeof(answer) && answer.error == 0 &&
	    control.header.cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		return fd;
	}
	if (length == sizeof(answer) && answer.error != 0)
		errno = answer.error;
	else if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		errno = ETIMEDOUT;
	else if (length >= 0)
		errno = ECONNRESET; /* it was killed */
	return -1;
}

void opener_free(Opener *opener)
{
	if (!opener)
		return;
	close(opener->socket);
	/* It has nothing to do any more; were it stuck in a file system, that is not waited for. */
	if (opener->pid > 0)
		(void)waitpid(opener->pid, NULL, WNOHANG);
	g_free(opener);
}
