/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output: what is written arrives whole and in order, nobody waits for a slow reader, and each
 * way in which writing can end is reported as such. ctest's limit ends a test that hangs. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define MANY ((gsize)5 * 1024 * 1024) /* more than any pipe or socket holds */

/* Not a power of two: no two places in the stream look alike by chance. */
static guint8 pattern(guint64 position)
{
	return (guint8)(position % 251);
}

static void pattern_append(Output *output, guint64 *position, gsize length)
{
	GByteArray *pending = output_pending(output);
	guint at = pending->len;

	g_byte_array_set_size(pending, at + (guint)length);
	for (gsize i = 0; i < length; i++)
		pending->data[at + i] = pattern(*position + i);
	*position += length;
}

/* Reads up to length bytes, checks them against the pattern. */
static gsize pattern_read(int fd, guint64 *position, gsize length)
{
	static guint8 buffer[256 * 1024];
	gssize count = read(fd, buffer, MIN(length, sizeof(buffer)));

	g_assert_cmpint(count, >=, 0);
	for (gssize i = 0; i < count; i++)
		g_assert_cmpuint(buffer[i], ==, pattern(*position + (guint64)i));
	*position += (guint64)count;
	return (gsize)count;
}

static gboolean is_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	g_assert_cmpint(flags, >=, 0);
	return (flags & O_NONBLOCK) != 0;
}

/* The linker puts it in the place of write() (CMakeLists.txt): a file on a network may be
 * interrupted, and write less than it was asked to, where a local one does not. */
static gboolean write_is_difficult;
/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names. */
ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);

ssize_t __wrap_write(int fd, const void *data, size_t length)
{
	static guint calls;

	if (!write_is_difficult)
		return __real_write(fd, data, length);
	if (++calls % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return __real_write(fd, data, MIN(length, 1001));
}

/* NOLINTEND(bugprone-reserved-identifier) */

typedef struct {
	int reader;
	int writer;
	int watch; /* shares the writer's description, as the shell does */
	Output *output;
} Channel;

static Channel channel_make(int reader, int writer)
{
	g_autoptr(GError) error = NULL;
	Channel channel = { .reader = reader, .writer = writer, .watch = dup(writer) };

	channel.output = output_new(writer, "standard output", &error);
	g_assert_no_error(error);
	return channel;
}

static Channel channel_pipe(void)
{
	int ends[2];

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	return channel_make(ends[0], ends[1]);
}

static Channel channel_socket(void)
{
	int ends[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
	return channel_make(ends[0], ends[1]);
}

/* As if the pipe were another user's: it cannot be opened anew. */
static Channel channel_foreign_pipe(void)
{
	int ends[2];

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	g_assert_cmpint(seteuid(65534), ==, 0);
	Channel channel = channel_make(ends[0], ends[1]);
	g_assert_cmpint(seteuid(0), ==, 0);
	g_assert_cmpint(output_fd(channel.output), ==, ends[1]);
	return channel;
}

typedef Channel (*ChannelMake)(void);

static const struct {
	const char *name;
	ChannelMake make;
	gboolean needs_root;
} channels[] = {
	{ "pipe", channel_pipe, FALSE },
	{ "socket", channel_socket, FALSE },
	{ "foreign pipe", channel_foreign_pipe, TRUE },
};

static void channel_free(Channel *channel)
{
	output_free(channel->output);
	if (channel->reader >= 0)
		close(channel->reader);
	if (channel->watch >= 0)
		close(channel->watch);
}

static void test_slow_reader(gconstpointer data)
{
	Channel channel = ((ChannelMake)data)();
	guint64 position = 0, arrived = 0;
	g_autoptr(GError) error = NULL;

	pattern_append(channel.output, &position, MANY);
	g_assert_cmpint(output_flush(channel.output, &error), ==, OUTPUT_BLOCKED);
	g_assert_cmpuint(output_written(channel.output), >, 0);
	g_assert_cmpuint(output_backlog(channel.output), ==, MANY - output_written(channel.output));
	g_assert_false(is_nonblocking(channel.watch));

	while (output_flush(channel.output, &error) == OUTPUT_BLOCKED)
		pattern_read(channel.reader, &arrived, 100000);
	g_assert_no_error(error);
	g_assert_cmpuint(output_backlog(channel.output), ==, 0);
	g_assert_cmpuint(output_written(channel.output), ==, MANY);
	while (arrived < MANY)
		pattern_read(channel.reader, &arrived, MANY);
	channel_free(&channel);
}

/* The reader is always behind: consumed bytes must go, and must not be moved about each time. */
static void test_bounded(gconstpointer data)
{
	Channel channel = ((ChannelMake)data)();
	guint64 position = 0, arrived = 0;

	pattern_append(channel.output, &position, MANY);
	g_assert_cmpint(output_flush(channel.output, NULL), ==, OUTPUT_BLOCKED);
	for (int i = 0; i < 300; i++) {
		gsize backlog = output_backlog(channel.output);
		g_assert_cmpuint(output_pending(channel.output)->len, <=, 2 * backlog);
		pattern_append(channel.output, &position,
			       pattern_read(channel.reader, &arrived, 60000));
		g_assert_cmpint(output_flush(channel.output, NULL), ==, OUTPUT_BLOCKED);
	}
	channel_free(&channel);
}

static void test_reader_gone(gconstpointer data)
{
	Channel channel = ((ChannelMake)data)();
	guint64 position = 0;
	g_autoptr(GError) error = NULL;

	pattern_append(channel.output, &position, 1000);
	g_assert_cmpint(output_flush(channel.output, &error), ==, OUTPUT_EMPTY);
	close(channel.reader);
	channel.reader = -1;

	/* Seen without writing: there may be no traffic. */
	struct pollfd gone = { .fd = output_fd(channel.output), .events = 0 };
	g_assert_cmpint(poll(&gone, 1, 60000), ==, 1);
	g_assert_cmpint(gone.revents & (POLLERR | POLLHUP), !=, 0);

	pattern_append(channel.output, &position, MANY);
	g_assert_cmpint(output_flush(channel.output, &error), ==, OUTPUT_CLOSED);
	g_assert_cmpint(output_finish(channel.output, 60000, &error), ==, OUTPUT_CLOSED);
	g_assert_no_error(error);
	channel_free(&channel);
}

static void test_finish_times_out(gconstpointer data)
{
	Channel channel = ((ChannelMake)data)();
	guint64 position = 0;
	g_autoptr(GError) error = NULL;

	pattern_append(channel.output, &position, MANY);
	g_assert_cmpint(output_finish(channel.output, 20, &error), ==, OUTPUT_BLOCKED);
	g_assert_no_error(error);
	channel_free(&channel);
}

static void test_reader_gone_before(void)
{
	int ends[2];
	guint64 position = 0;

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	close(ends[0]);
	Channel channel = channel_make(-1, ends[1]);
	pattern_append(channel.output, &position, 1000);
	g_assert_cmpint(output_flush(channel.output, NULL), ==, OUTPUT_CLOSED);
	channel_free(&channel);
}

/* A connection that is reset: the reader closed it with bytes unread. */
static void test_reset(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int writer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	guint64 position = 0;

	if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
	    connect(writer, (struct sockaddr *)&address, size) < 0) {
		g_test_skip("no loopback device that is up");
		close(writer);
		close(listener);
		return;
	}
	Channel channel = channel_make(accept(listener, NULL, NULL), writer);
	pattern_append(channel.output, &position, 1000);
	g_assert_cmpint(output_flush(channel.output, NULL), ==, OUTPUT_EMPTY);
	struct pollfd arrived = { .fd = channel.reader, .events = POLLIN };
	g_assert_cmpint(poll(&arrived, 1, 60000), ==, 1);
	close(channel.reader);
	channel.reader = -1;

	struct pollfd gone = { .fd = output_fd(channel.output), .events = 0 };
	g_assert_cmpint(poll(&gone, 1, 60000), ==, 1);
	pattern_append(channel.output, &position, 1000);
	g_assert_cmpint(output_flush(channel.output, NULL), ==, OUTPUT_CLOSED);
	channel_free(&channel);
	close(listener);
}

static gpointer reader_run(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);
	guint64 *arrived = g_new0(guint64, 1);

	while (pattern_read(fd, arrived, 7777) > 0)
		;
	return arrived;
}

static volatile sig_atomic_t signals_seen;

static void signal_count(int signal_number)
{
	(void)signal_number;
	signals_seen = signals_seen + 1;
}

/* Without SA_RESTART, every interval_us. */
static void signals_start(guint interval_us)
{
	const struct sigaction action = { .sa_handler = signal_count };
	const struct itimerval interval = { { 0, interval_us }, { 0, interval_us } };

	signals_seen = 0;
	g_assert_cmpint(sigaction(SIGALRM, &action, NULL), ==, 0);
	g_assert_cmpint(setitimer(ITIMER_REAL, &interval, NULL), ==, 0);
}

static void signals_stop(void)
{
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	g_assert_cmpint(setitimer(ITIMER_REAL, &never, NULL), ==, 0);
}

static void test_signals(gconstpointer data)
{
	Channel channel = ((ChannelMake)data)();
	sigset_t alarm;
	guint64 position = 0;
	g_autoptr(GError) error = NULL;

	/* The reader does not get them, so they interrupt us. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	GThread *reader = g_thread_new("reader", reader_run, GINT_TO_POINTER(channel.reader));
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);

	signals_start(500);
	while (signals_seen < 50) {
		pattern_append(channel.output, &position, 300000);
		g_assert_cmpint(output_finish(channel.output, 60000, &error), ==, OUTPUT_EMPTY);
		g_assert_no_error(error);
	}
	signals_stop();

	output_free(channel.output);
	close(channel.watch);
	g_autofree guint64 *arrived = g_thread_join(reader);
	g_assert_cmpuint(*arrived, ==, position);
	close(channel.reader);
}

typedef struct {
	char *directory;
	char *path;
} Place;

static Place place_make(void)
{
	Place place = { .directory = g_dir_make_tmp("xdpshark-output-XXXXXX", NULL) };

	g_assert_nonnull(place.directory);
	place.path = g_build_filename(place.directory, "capture", NULL);
	return place;
}

static void place_free(Place *place)
{
	g_unlink(place->path);
	g_rmdir(place->directory);
	g_free(place->path);
	g_free(place->directory);
}

static void file_check(gboolean difficult)
{
	Place place = place_make();
	g_autoptr(GError) error = NULL;
	guint64 position = 0, arrived = 0;

	g_autofree char *older = g_strnfill(MANY, 'x');

	g_assert_true(g_file_set_contents(place.path, older, MANY, NULL));
	g_autoptr(Output) output = output_open(place.path, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(output_name(output), ==, place.path);
	g_assert_cmpint(output_fd(output), ==, -1);
	write_is_difficult = difficult;
	for (int i = 0; i < 5; i++) {
		pattern_append(output, &position, 123457);
		g_assert_cmpint(output_flush(output, &error), ==, OUTPUT_EMPTY);
		g_assert_no_error(error);
	}
	write_is_difficult = FALSE;
	g_assert_cmpuint(output_written(output), ==, position);

	int fd = open(place.path, O_RDONLY | O_CLOEXEC);
	while (pattern_read(fd, &arrived, MANY) > 0)
		;
	g_assert_cmpuint(arrived, ==, position);
	close(fd);
	place_free(&place);
}

static void test_file(void)
{
	file_check(FALSE);
}

static void test_difficult_file(void)
{
	file_check(TRUE);
}

/* The kernel writes up to the limit, a real short write, and then refuses. */
static void test_short_write(void)
{
	Place place = place_make();
	g_autoptr(GError) error = NULL;
	guint64 position = 0;
	struct rlimit before;

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	g_autoptr(Output) output = output_open(place.path, &error);
	g_assert_no_error(error);
	pattern_append(output, &position, 150000);

	const struct rlimit low = { 100000, before.rlim_max };
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &low), ==, 0);
	OutputState refused = output_flush(output, &error);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);

	g_assert_cmpint(refused, ==, OUTPUT_FAILED);
	g_assert_nonnull(strstr(error->message, place.path));
	g_assert_nonnull(strstr(error->message, "ulimit -f"));
	g_assert_cmpuint(output_written(output), ==, 100000);
	g_assert_cmpuint(output_backlog(output), ==, 50000);

	/* Nothing is lost: it goes on where it stopped. */
	g_assert_cmpint(output_flush(output, NULL), ==, OUTPUT_EMPTY);
	guint64 arrived = 0;
	int fd = open(place.path, O_RDONLY | O_CLOEXEC);
	while (pattern_read(fd, &arrived, MANY) > 0)
		;
	g_assert_cmpuint(arrived, ==, 150000);
	close(fd);
	place_free(&place);
}

static void test_disk_full(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Output) output = output_open("/dev/full", &error);
	guint64 position = 0;

	g_assert_no_error(error);
	pattern_append(output, &position, 1000);
	g_assert_cmpint(output_flush(output, &error), ==, OUTPUT_FAILED);
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
	g_assert_nonnull(strstr(error->message, "/dev/full"));
	g_assert_nonnull(strstr(error->message, "free space"));
}

static void test_device(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Output) output = output_open("/dev/null", &error);
	guint64 position = 0;

	g_assert_no_error(error);
	pattern_append(output, &position, MANY);
	g_assert_cmpint(output_flush(output, &error), ==, OUTPUT_EMPTY);
	g_assert_cmpint(output_fd(output), ==, -1);
}

static void test_terminal(void)
{
	g_autoptr(GError) by_fd = NULL;
	g_autoptr(GError) by_path = NULL;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	g_assert_cmpint(master, >=, 0);
	g_assert_cmpint(grantpt(master), ==, 0);
	g_assert_cmpint(unlockpt(master), ==, 0);
	int terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	g_assert_cmpint(terminal, >=, 0);

	g_assert_null(output_new(terminal, "standard output", &by_fd));
	g_assert_error(by_fd, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	g_assert_nonnull(strstr(by_fd->message, "standard output is a terminal"));
	g_assert_nonnull(strstr(by_fd->message, "-w FILE"));
	g_assert_cmpint(fcntl(terminal, F_GETFD), >=, 0); /* still the caller's */

	g_assert_null(output_open(ptsname(master), &by_path));
	g_assert_error(by_path, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	close(terminal);
	close(master);
}

static void test_no_directory(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(output_open("/nonexistent/capture.pcapng", &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	g_assert_cmpstr(error->message, ==,
			"cannot open /nonexistent/capture.pcapng: No such file or directory: "
			"create its directory first");
}

static gpointer fifo_run(gpointer data)
{
	int fd = open(data, O_RDONLY | O_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	gpointer arrived = reader_run(GINT_TO_POINTER(fd));
	close(fd);
	return arrived;
}

static void test_fifo(void)
{
	Place place = place_make();
	g_autoptr(GError) error = NULL;
	guint64 position = 0;

	g_assert_cmpint(mkfifo(place.path, 0600), ==, 0);
	GThread *reader = g_thread_new("reader", fifo_run, place.path);
	Output *output = output_open(place.path, &error);
	g_assert_no_error(error);
	g_assert_cmpint(output_fd(output), >=, 0);
	g_assert_true(is_nonblocking(output_fd(output)));
	pattern_append(output, &position, MANY);
	g_assert_cmpint(output_finish(output, 60000, &error), ==, OUTPUT_EMPTY);
	g_assert_no_error(error);
	output_free(output);

	g_autofree guint64 *arrived = g_thread_join(reader);
	g_assert_cmpuint(*arrived, ==, MANY);
	place_free(&place);
}

static void test_fifo_interrupted(void)
{
	Place place = place_make();
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(mkfifo(place.path, 0600), ==, 0);
	signals_start(10000);
	g_assert_null(output_open(place.path, &error));
	signals_stop();
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INTR);
	place_free(&place);
}

static void test_needs_root(void)
{
	g_test_skip("needs root, to act as another user");
}

static void channel_tests_add(void)
{
	static const struct {
		const char *name;
		GTestDataFunc run;
	} tests[] = {
		{ "does not wait for a slow reader", test_slow_reader },
		{ "keeps little more than what waits", test_bounded },
		{ "notices that its reader has gone", test_reader_gone },
		{ "stops waiting at the end", test_finish_times_out },
		{ "loses nothing to signals", test_signals },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(channels); i++) {
		for (gsize j = 0; j < G_N_ELEMENTS(tests); j++) {
			g_autofree char *name =
				g_strdup_printf("/output/%s/%s", channels[i].name, tests[j].name);
			if (channels[i].needs_root && geteuid() != 0)
				g_test_add_func(name, test_needs_root);
			else
				g_test_add_data_func(name, (gconstpointer)channels[i].make,
						     tests[j].run);
		}
	}
}

int main(int argc, char **argv)
{
	/* As the program does. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	channel_tests_add();
	g_test_add_func("/output/pipe/whose reader went before", test_reader_gone_before);
	g_test_add_func("/output/socket/that is reset has no reader", test_reset);
	g_test_add_func("/output/file/replaces and takes everything", test_file);
	g_test_add_func("/output/file/bears interruptions", test_difficult_file);
	g_test_add_func("/output/file/goes on after a short write", test_short_write);
	g_test_add_func("/output/file/says that the disk is full", test_disk_full);
	g_test_add_func("/output/file/devices take everything", test_device);
	g_test_add_func("/output/file/names what is missing", test_no_directory);
	g_test_add_func("/output/terminal/is refused", test_terminal);
	g_test_add_func("/output/fifo/waits for its reader", test_fifo);
	g_test_add_func("/output/fifo/stops waiting at a signal", test_fifo_interrupted);
	return g_test_run();
}
