// SPDX-License-Identifier: GPL-2.0-or-later
/* Disk space for a file is taken before it is needed; what is not needed is given back, and the
 * file is never longer than what is written to it. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

#define LENGTH ((gsize)10 * 1024 * 1024)
#define PIECE  ((gsize)256 * 1024)
/* What a file system may use for itself. */
#define SPARE  ((guint64)64 * 1024)

typedef struct {
	char *directory;
	char *path;
} Place;

/* FALSE where space cannot be reserved. */
static gboolean place_make(Place *place)
{
	gboolean can;
	int fd;

	place->directory = g_dir_make_tmp("xdpshark-output-XXXXXX", NULL);
	place->path = g_build_filename(place->directory, "capture", NULL);
	fd = open(place->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	can = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096) == 0;
	close(fd);
	g_unlink(place->path);
	if (!can)
		g_test_skip("the file system reserves nothing");
	return can;
}

static void place_clear(Place *place)
{
	g_unlink(place->path);
	g_rmdir(place->directory);
	g_free(place->path);
	g_free(place->directory);
}

static guint64 file_size(const Place *place, guint64 *ret_on_disk)
{
	struct stat status;

	g_assert_cmpint(stat(place->path, &status), ==, 0);
	*ret_on_disk = (guint64)status.st_blocks * 512;
	return (guint64)status.st_size;
}

static OutputState append(Output *output, gsize length)
{
	GByteArray *pending = output_pending(output);
	guint before = pending->len;

	g_byte_array_set_size(pending, before + (guint)length);
	memset(pending->data + before, 'x', length);
	return output_flush(output, NULL);
}

/* In pieces, as a capture does. */
static void append_all(Output *output)
{
	for (gsize done = 0; done < LENGTH; done += PIECE)
		g_assert_cmpint(append(output, PIECE), ==, OUTPUT_EMPTY);
}

/* Writes so much that there is a reserve. */
static Output *open_with_reserve(const Place *place)
{
	Output *output = output_open(place->path, NULL);
	guint64 on_disk, size;

	append_all(output);
	size = file_size(place, &on_disk);
	g_assert_cmpuint(size, ==, LENGTH);
	g_assert_cmpuint(on_disk, >, size + SPARE);
	g_assert_cmpuint(on_disk, <=, size + size / 4 + 1024 * 1024 + SPARE);
	return output;
}

static void check_no_reserve(const Place *place, guint64 length)
{
	guint64 on_disk, size = file_size(place, &on_disk);

	g_assert_cmpuint(size, ==, length);
	g_assert_cmpuint(on_disk, <=, size + SPARE);
}

static void test_end(void)
{
	Place place;

	if (place_make(&place)) {
		output_free(open_with_reserve(&place));
		check_no_reserve(&place, LENGTH);
	}
	place_clear(&place);
}

static void test_failure(void)
{
	const struct rlimit low = { LENGTH + 1000, RLIM_INFINITY };
	struct rlimit before;
	Place place;

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	if (before.rlim_max != RLIM_INFINITY) {
		g_test_skip("there is a limit on file sizes already");
		return;
	}
	if (place_make(&place)) {
		Output *output = open_with_reserve(&place);

		g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &low), ==, 0);
		g_assert_cmpint(append(output, PIECE), ==, OUTPUT_FAILED);
		output_cut(output, 600);
		output_free(output);
		check_no_reserve(&place, LENGTH + 400);
	}
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
	place_clear(&place);
}

/* What another process has written behind ours is not cut off. */
static void test_continued(void)
{
	Place place;

	if (place_make(&place)) {
		Output *output = open_with_reserve(&place);
		int other = open(place.path, O_WRONLY | O_APPEND | O_CLOEXEC);
		guint64 on_disk;

		g_assert_cmpint(write(other, "theirs", 6), ==, 6);
		output_free(output);
		g_assert_cmpuint(file_size(&place, &on_disk), ==, LENGTH + 6);
		close(other);
	}
	place_clear(&place);
}

/* In a file that was handed to us others may write at any time: it is left alone. */
static void test_shared(void)
{
	Place place;

	if (place_make(&place)) {
		int fd = open(place.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		Output *output = output_new(fd, "standard output", NULL);

		append_all(output);
		check_no_reserve(&place, LENGTH);
		output_free(output);
	}
	place_clear(&place);
}

/* A short capture takes no more than it needs. */
static void test_short(void)
{
	Place place;

	if (place_make(&place)) {
		g_autoptr(Output) output = output_open(place.path, NULL);

		g_assert_cmpint(append(output, PIECE), ==, OUTPUT_EMPTY);
		check_no_reserve(&place, PIECE);
	}
	place_clear(&place);
}

int main(int argc, char **argv)
{
	/* As the program does. */
	signal(SIGXFSZ, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/output disk/end", test_end);
	g_test_add_func("/output disk/failure", test_failure);
	g_test_add_func("/output disk/continued", test_continued);
	g_test_add_func("/output disk/shared", test_shared);
	g_test_add_func("/output disk/short", test_short);
	return g_test_run();
}
