// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privilege.h"

/* More than libpcap takes for a packet, or an error has letters. */
#define CONTENT_MAX (1024 * 1024)

/* What the process says: that the file is one, then its packets, then why there are no more. */
typedef enum {
	SAID_OPEN,
	SAID_PACKET,
	SAID_END,
	SAID_ERROR, /* the content is its text */
} Said;

/* Before the content. */
typedef struct {
	guint32 said;
	guint32 size;	     /* of the content, in bytes */
	guint32 wire_length; /* of a packet */
} Head;

struct CaptureFeed {
	char *path;
	pid_t pid;
	FILE *pipe;
	GByteArray *content;
	guint32 wire_length;
};

/* In the process: FALSE when nobody wants to know any more. */
static gboolean say(FILE *pipe, Said said, const void *content, gsize size, guint32 wire_length)
{
	const Head head = { said, size, wire_length };

	return fwrite(&head, sizeof(head), 1, pipe) == 1 &&
	       (size == 0 || fwrite(content, size, 1, pipe) == 1);
}

static gboolean say_error(FILE *pipe, const GError *error)
{
	return say(pipe, SAID_ERROR, error->message, strlen(error->message), 0);
}

static gboolean say_packets(FILE *pipe, CaptureFile *file)
{
	g_autoptr(GError) error = NULL;
	CapturePacket packet;

	if (!say(pipe, SAID_OPEN, NULL, 0, 0) || fflush(pipe) != 0)
		return FALSE;
	while (capture_file_next(file, &packet, &error))
		if (!say(pipe, SAID_PACKET, packet.data, packet.size, packet.wire_length))
			return FALSE;
	return error ? say_error(pipe, error) : say(pipe, SAID_END, NULL, 0, 0);
}

/* The whole life of the process. */
static void read_file(int fd, const char *path, const PrivilegeAccount *account, FILE *pipe)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(CaptureFile) file = NULL;

	if (privilege_drop(account, &error))
		file = capture_file_open(fd, path, &error);
	if (file)
		say_packets(pipe, file);
	else
		say_error(pipe, error);
	fflush(pipe);
}

static gboolean start(CaptureFeed *feed, int fd, const PrivilegeAccount *account)
{
	int fds[2];
	FILE *pipe;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return FALSE;
	feed->pid = fork();
	if (feed->pid == 0) {
		pipe = fdopen(fds[1], "w");
		if (pipe)
			read_file(fd, feed->path, account, pipe);
		_exit(0);
	}
	close(fds[1]);
	feed->pipe = feed->pid > 0 ? fdopen(fds[0], "r") : NULL;
	if (!feed->pipe)
		close(fds[0]);
	return feed->pipe != NULL;
}

/* What comes next; the content is in feed->content. SAID_ERROR with error. */
static Said listen_next(CaptureFeed *feed, GError **error)
{
	Head head;

	if (fread(&head, sizeof(head), 1, feed->pipe) == 1 && head.said <= SAID_ERROR &&
	    head.size <= CONTENT_MAX) {
		g_byte_array_set_size(feed->content, head.size);
		feed->wire_length = head.wire_length;
		if (head.size == 0 || fread(feed->content->data, head.size, 1, feed->pipe) == 1) {
			if (head.said == SAID_ERROR)
				g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%.*s",
					    (int)head.size, (const char *)feed->content->data);
			return (Said)head.said;
		}
	}
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
		    "%s: the process that reads it has crashed", feed->path);
	return SAID_ERROR;
}

static int open_file(const char *path, GError **error)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot read %s: %s", path, g_strerror(errno));
	return fd;
}

CaptureFeed *capture_feed_open(const char *path, GError **error)
{
	g_autoptr(CaptureFeed) feed = g_new0(CaptureFeed, 1);
	PrivilegeAccount account;
	gboolean started;
	int fd;

	feed->path = g_strdup(path);
	feed->content = g_byte_array_sized_new(sizeof(Head));
	if (!privilege_find_account(NULL, &account, error) || (fd = open_file(path, error)) < 0)
		return NULL;
	started = start(feed, fd, &account);
	if (!started)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot start a process to read %s: %s", path, g_strerror(errno));
	close(fd);
	if (!started || listen_next(feed, error) != SAID_OPEN)
		return NULL;
	return g_steal_pointer(&feed);
}

gboolean capture_feed_next(CaptureFeed *feed, CapturePacket *ret_packet, GError **error)
{
	if (listen_next(feed, error) != SAID_PACKET)
		return FALSE;
	*ret_packet = (CapturePacket){ feed->content->data, feed->content->len, feed->wire_length };
	return TRUE;
}

void capture_feed_free(CaptureFeed *feed)
{
	if (!feed)
		return;
	if (feed->pipe)
		fclose(feed->pipe);
	if (feed->pid > 0) {
		kill(feed->pid, SIGKILL);
		while (waitpid(feed->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	g_byte_array_unref(feed->content);
	g_free(feed->path);
	g_free(feed);
}
