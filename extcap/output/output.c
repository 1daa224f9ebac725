/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a capture without ever waiting for its reader, and without setting O_NONBLOCK on a
 * standard output shared with the shell and others.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "packer.h"

/* What an unprivileged user may have (/proc/sys/fs/pipe-max-size). With the default of 64 KiB, the
 * reader and we would take turns. */
#define PIPE_SIZE (1024 * 1024)

/* Tries once to write without waiting. Returns the bytes written, or -1 with errno; EAGAIN: try
 * later. */
typedef gssize (*OutputWrite)(int fd, const guint8 *data, gsize length);

struct Output {
	char *name;
	int shared_fd; /* the descriptor that we were given, if we write to another one; or -1 */
	int fd;
	gboolean has_reader; /* a pipe or a socket: it may block, or lose its reader */
	OutputWrite write;
	GByteArray *pending;
	gsize done; /* bytes at the beginning of pending that were written */
	guint64 written;
	guint64 reserve_from; /* reserve more disk space when `written` gets here */
	guint64 reserved;     /* disk space is reserved up to here in the file; 0: none */
	Packer *packer;	      /* NULL: what is written is not compressed */
	gint64 held_since;    /* monotonic, in us; 0: nothing waits to be a larger piece */
};

/* Pieces that are compressed by themselves: smaller ones become less small. What comes slowly is
 * not held back for longer, so that a kill -9 costs no more. */
#define PIECE_MIN ((gsize)128 * 1024)
#define HOLD_US	  G_USEC_PER_SEC

/* Disk space is reserved ahead, in pieces of a quarter of what was written so far, which makes
 * writing a fifth cheaper. After a kill -9, no more than one piece stays reserved. */
#define RESERVE_MIN  ((guint64)1024 * 1024)
#define RESERVE_MAX  ((guint64)64 * 1024 * 1024)
#define RESERVE_PART 4
/* Others may need the disk: reserve no more than this fraction of its free space. */
#define RESERVE_FREE 16
#define NEVER	     G_MAXUINT64

/* For files and devices, which take everything, and for pipes whose description is our own and
 * nonblocking. */
static gssize write_plainly(int fd, const guint8 *data, gsize length)
{
	return write(fd, data, length);
}

static gssize write_to_socket(int fd, const guint8 *data, gsize length)
{
	return send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* For a blocking pipe that could not be reopened. If it polls as writable it has a free page, and
 * so takes PIPE_BUF bytes without waiting (pipe(7)). */
static gssize write_to_blocking_pipe(int fd, const guint8 *data, gsize length)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	if (poll(&ready, 1, 0) < 0)
		return -1;
	if (ready.revents == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, data, MIN(length, PIPE_BUF));
}

/* What to do about an error, where that is known. */
static const struct {
	int error;
	const char *remedy;
} remedies[] = {
	{ ENOSPC, "free space on that file system, or capture to another one" },
	{ EDQUOT, "free space within your quota, or capture to another file system" },
	{ EFBIG, "the file has the largest size allowed: raise it (ulimit -f), or capture less" },
	{ EIO, "the device fails: see the kernel's log (dmesg), or capture to another one" },
	{ EACCES, "choose a place that you may write to" },
	{ EPERM, "choose a place that you may write to" },
	{ EROFS, "choose a file system that is not mounted read-only" },
	{ ENOENT, "create its directory first" },
	{ ENOTDIR, "a part of the path is no directory: correct it" },
	{ EISDIR, "name a file in that directory" },
	{ ELOOP, "it is a symbolic link: remove it, or choose another name" },
	{ EEXIST, "it is the log file: name another one (--log-file)" },
	{ ENOTSUP, "only regular files are written one after the other" },
};

void output_set_error(GError **error, const char *verb, const char *name, int code)
{
	const char *remedy = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(remedies); i++)
		if (remedies[i].error == code)
			remedy = remedies[i].remedy;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code),
		    "cannot %s %s: %s%s%s", verb, name, g_strerror(code),
		    remedy != NULL ? ": " : "", remedy != NULL ? remedy : "");
}

/* Opens a second description of the same pipe, for us alone. Fails without /proc, for another
 * user's pipe, and if the reader is gone. */
static int pipe_reopen(int fd)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);

	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

/* own: the description is not shared, so its flags may be changed. */
static void pipe_prepare(Output *output, gboolean own)
{
#ifdef F_SETPIPE_SZ
	(void)fcntl(output->fd, F_SETPIPE_SZ, PIPE_SIZE);
#endif

	if (own) {
		int flags = fcntl(output->fd, F_GETFL);
		if (flags >= 0 && fcntl(output->fd, F_SETFL, flags | O_NONBLOCK) == 0)
			return;
	}
	int fd = pipe_reopen(output->fd);
	if (fd < 0) {
		output->write = write_to_blocking_pipe;
		return;
	}
	output->shared_fd = output->fd;
	output->fd = fd;
}

static Output *output_make(int fd, const char *name, gboolean own, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0) {
		output_set_error(error, "write to", name, errno);
		return NULL;
	}
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_BADF,
			    "%s is closed, or open for reading only: write the capture to a file "
			    "(-w FILE)",
			    name);
		return NULL;
	}
	if (S_ISCHR(status.st_mode) && isatty(fd)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "%s is a terminal, which cannot show a capture: write it to a file "
			    "(-w FILE) or pipe it to a reader (| tshark -r -)",
			    name);
		return NULL;
	}

	Output *output = g_new0(Output, 1);
	output->name = g_strdup(name);
	output->shared_fd = -1;
	output->fd = fd;
	output->write = write_plainly;
	output->pending = g_byte_array_new();
	/* Never cut off anything at the end of somebody else's file. */
	output->reserve_from = own && S_ISREG(status.st_mode) ? RESERVE_MIN : NEVER;
	if (S_ISFIFO(status.st_mode)) {
		output->has_reader = TRUE;
		pipe_prepare(output, own);
	} else if (S_ISSOCK(status.st_mode)) {
		output->has_reader = TRUE;
		output->write = write_to_socket;
	}
	return output;
}

Output *output_open(const char *path, GError **error)
{
	/* Only the user who captured the packets may read them. */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0) {
		output_set_error(error, "open", path, errno);
		return NULL;
	}
	Output *output = output_make(fd, path, TRUE, error);
	if (output == NULL)
		close(fd);
	return output;
}

Output *output_open_fifo(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	Output *output = NULL;

	if (fd < 0)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot open the FIFO %s: %s: it is Wireshark that makes it", path,
			    g_strerror(errno));
	else if (fstat(fd, &status) < 0 || S_ISREG(status.st_mode))
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "%s is no FIFO: for a file, use 'xdpshark capture HOOK -w %s'", path,
			    path);
	else
		output = output_make(fd, path, TRUE, error);
	if (fd >= 0 && !output)
		close(fd);
	return output;
}

Output *output_new(int fd, const char *name, GError **error)
{
	return output_make(fd, name, FALSE, error);
}

Output *output_new_file(int fd, const char *path, GError **error)
{
	return output_make(fd, path, TRUE, error);
}

gboolean output_compress(Output *output, Compression compression, GError **error)
{
	struct stat status;

	if (compression == COMPRESSION_NONE)
		return TRUE;
	if (fstat(output->fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "%s is no file, and only files are compressed: leave the end out of "
			    "its name",
			    output->name);
		return FALSE;
	}
	output->reserve_from = NEVER;
	output->packer = packer_new(compression);
	return TRUE;
}

/* Removes the written bytes once they are at least as many as the rest, which must be moved. On
 * average each byte is moved at most once, and the array is at most twice as long as the
 * backlog. */
static void pending_compact(Output *output)
{
	gsize rest = output_backlog(output);

	if (output->done > 0 && rest <= output->done) {
		g_byte_array_remove_range(output->pending, 0, output->done);
		output->done = 0;
	}
}

GByteArray *output_pending(Output *output)
{
	pending_compact(output);
	return output->pending;
}

const guint8 *output_buffer(const Output *output, gsize *ret_length, gsize *ret_written)
{
	*ret_length = output->pending->len;
	*ret_written = output->done;
	return output->pending->data;
}

gsize output_backlog(const Output *output)
{
	return output->pending->len - output->done;
}

/* The end of a regular file, where the next write goes. NEVER if it is not a regular file, or if
 * somebody else has written behind our position. */
static guint64 file_end(const Output *output)
{
	off_t end = lseek(output->fd, 0, SEEK_CUR);
	struct stat status;

	return fstat(output->fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == end
		       ? (guint64)end
		       : NEVER;
}

static gboolean disk_has(const Output *output, guint64 bytes)
{
	struct statvfs disk;

	return fstatvfs(output->fd, &disk) == 0 && disk.f_bavail * disk.f_frsize >= bytes;
}

/* The file's size does not change. */
static gboolean reserve_space(int fd, guint64 begin, guint64 length)
{
#ifdef FALLOC_FL_KEEP_SIZE
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)begin, (off_t)length) == 0;
#else
	(void)fd, (void)begin, (void)length;
	return FALSE;
#endif
}

/* If the file system cannot do it or is short of space, it is not
 * asked again. */
static void disk_reserve(Output *output)
{
	guint64 piece = CLAMP(output->written / RESERVE_PART, RESERVE_MIN, RESERVE_MAX);
	guint64 end = file_end(output);
	guint64 begin = MAX(output->reserved, end);

	output->reserve_from = NEVER;
	if (end == NEVER || !disk_has(output, piece * RESERVE_FREE) ||
	    !reserve_space(output->fd, begin, piece))
		return;
	output->reserved = begin + piece;
	/* At half of the piece, so that the next one is reserved in time. */
	output->reserve_from = output->written + (begin - end) + piece / 2;
}

/* Gives back the reserved space that was not needed. */
static void disk_release(Output *output)
{
	guint64 end = output->reserved > 0 ? file_end(output) : NEVER;

	output->reserve_from = NEVER;
	if (end < output->reserved && ftruncate(output->fd, (off_t)end) == 0)
		output->reserved = 0;
}

void output_renew(Output *output, int fd, const char *path)
{
	disk_release(output);
	close(output->fd);
	g_free(output->name);
	output->name = g_strdup(path);
	output->fd = fd;
	output->written = 0;
	output->reserved = 0;
	output->reserve_from = output->packer ? NEVER : RESERVE_MIN;
}

static gboolean error_is_reader_gone(int code)
{
	return code == EPIPE || code == ECONNRESET;
}

/* What the packer could not write was not written, nor what came after it. */
static OutputState fail_packed(Output *output, GError **error)
{
	gsize before = output->pending->len;

	packer_take_back(output->packer, output->pending);
	output->written -= output->pending->len - before;
	output_set_error(error, "write to", output->name, packer_error(output->packer));
	return OUTPUT_FAILED;
}

/* Hands what is pending to the packer: all of it, or when it is much or has waited. */
static OutputState flush_packed(Output *output, gboolean all, GError **error)
{
	gsize length = output->pending->len;
	gint64 now = g_get_monotonic_time();

	if (packer_error(output->packer) != 0)
		return fail_packed(output, error);
	if (length > 0 && output->held_since == 0)
		output->held_since = now;
	if (length == 0 || (!all && length < PIECE_MIN && now - output->held_since < HOLD_US))
		return OUTPUT_EMPTY;
	if (!packer_has_room(output->packer))
		return OUTPUT_BLOCKED;
	output->written += length;
	output->held_since = 0;
	packer_push(output->packer, output->fd, output->pending);
	output->pending = g_byte_array_sized_new((guint)length);
	return OUTPUT_EMPTY;
}

static OutputState finish_packed(Output *output, guint timeout_ms, GError **error)
{
	const gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	struct pollfd room = { .fd = packer_fd(output->packer), .events = POLLOUT };
	OutputState state;
	gint64 left;

	while ((state = flush_packed(output, TRUE, error)) == OUTPUT_BLOCKED) {
		left = deadline - g_get_monotonic_time();
		if (left <= 0)
			return OUTPUT_BLOCKED;
		(void)poll(&room, 1, (int)MIN((left + 999) / 1000, G_MAXINT));
	}
	if (state == OUTPUT_FAILED)
		return state;
	left = MAX(deadline - g_get_monotonic_time(), 0);
	if (packer_wait(output->packer, (guint)MIN((left + 999) / 1000, G_MAXINT)))
		return OUTPUT_EMPTY;
	return packer_error(output->packer) ? fail_packed(output, error) : OUTPUT_BLOCKED;
}

gboolean output_is_due(const Output *output)
{
	return output->packer &&
	       (packer_error(output->packer) != 0 ||
		(output->held_since > 0 && g_get_monotonic_time() - output->held_since >= HOLD_US));
}

OutputState output_settle(Output *output, GError **error)
{
	return output->packer ? finish_packed(output, G_MAXINT, error)
			      : output_flush(output, error);
}

OutputState output_flush(Output *output, GError **error)
{
	if (output->packer)
		return flush_packed(output, FALSE, error);
	if (output->written >= output->reserve_from)
		disk_reserve(output);
	while (output_backlog(output) > 0) {
		gssize length = output->write(output->fd, output->pending->data + output->done,
					      output_backlog(output));
		if (length > 0) {
			output->done += (gsize)length;
			output->written += (guint64)length;
			continue;
		}

		/* A device that takes nothing without an error would keep us here forever. */
		int code = length < 0 ? errno : EIO;
		if (code == EINTR)
			continue;
		if (output->has_reader && code == EAGAIN)
			return OUTPUT_BLOCKED;
		if (output->has_reader && error_is_reader_gone(code))
			return OUTPUT_CLOSED;
		output_set_error(error, "write to", output->name, code);
		return OUTPUT_FAILED;
	}
	pending_compact(output);
	return OUTPUT_EMPTY;
}

void output_cut(Output *output, gsize bytes)
{
	guint64 end = bytes > 0 ? file_end(output) : NEVER;

	/* Of what is compressed, there are only whole pieces. */
	if (end == NEVER || end < bytes || output->packer)
		return;
	if (ftruncate(output->fd, (off_t)(end - bytes)) == 0) {
		(void)lseek(output->fd, -(off_t)bytes, SEEK_CUR);
		output->written -= bytes;
	}
}

OutputState output_finish(Output *output, guint timeout_ms, GError **error)
{
	const gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;

	if (output->packer)
		return finish_packed(output, timeout_ms, error);
	for (;;) {
		OutputState state = output_flush(output, error);
		if (state != OUTPUT_BLOCKED)
			return state;

		gint64 left = deadline - g_get_monotonic_time();
		if (left <= 0)
			return OUTPUT_BLOCKED;
		struct pollfd ready = { .fd = output->fd, .events = POLLOUT };
		/* The result does not matter: the next attempt to write will tell. */
		(void)poll(&ready, 1, (int)MIN((left + 999) / 1000, G_MAXINT));
	}
}

int output_fd(const Output *output)
{
	if (output->packer)
		return packer_fd(output->packer);
	return output->has_reader ? output->fd : -1;
}

const char *output_name(const Output *output)
{
	return output->name;
}

guint64 output_written(const Output *output)
{
	return output->written;
}

void output_free(Output *output)
{
	if (output == NULL)
		return;
	disk_release(output);
	if (packer_free(output->packer))
		close(output->fd);
	if (output->shared_fd >= 0)
		close(output->shared_fd);
	g_byte_array_unref(output->pending);
	g_free(output->name);
	g_free(output);
}
