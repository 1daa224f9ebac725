// SPDX-License-Identifier: GPL-2.0-or-later
/* A file system that hangs holds up neither who reads packets nor the end; what cannot be written
 * comes back. */
#include "packer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((gsize)256 * 1024)

static GByteArray *make_piece(guint8 first)
{
	GByteArray *piece = g_byte_array_new();

	g_byte_array_set_size(piece, PIECE);
	for (gsize i = 0; i < PIECE; i += sizeof(guint32)) {
		guint32 number = g_random_int();

		memcpy(piece->data + i, &number, sizeof(number));
	}
	piece->data[0] = first;
	return piece;
}

static Compression find_compression(void)
{
	for (Compression i = COMPRESSION_ZSTD; i > COMPRESSION_NONE; i--)
		if (compression_check(i, "x", NULL))
			return i;
	return COMPRESSION_NONE;
}

static gboolean is_writable(const Packer *packer)
{
	struct pollfd room = { .fd = packer_fd(packer), .events = POLLOUT };

	return poll(&room, 1, 0) == 1;
}

/* Reads from the pipe until it is closed. */
static gpointer read_all(gpointer data)
{
	static char buffer[PIECE];

	while (read(GPOINTER_TO_INT(data), buffer, sizeof(buffer)) > 0)
		;
	return NULL;
}

static void test_full(void)
{
	Packer *packer = packer_new(find_compression());
	guint pushed = 0;
	GThread *reader;
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	/* Nobody reads: the thread stands still in the first piece. */
	while (packer_has_room(packer)) {
		packer_push(packer, ends[1], make_piece(0));
		g_assert_cmpuint(++pushed, <, 100);
	}
	g_assert_cmpuint(pushed, >, 1);
	g_assert_false(is_writable(packer));
	g_assert_false(packer_wait(packer, 10));
	reader = g_thread_new("reader", read_all, GINT_TO_POINTER(ends[0]));
	for (guint i = 0; i < 6000 && !is_writable(packer); i++)
		g_usleep(10000);
	g_assert_true(is_writable(packer));
	g_assert_true(packer_wait(packer, 60000));
	g_assert_true(packer_has_room(packer));
	g_assert_cmpint(packer_error(packer), ==, 0);
	g_assert_true(packer_free(packer));
	close(ends[1]);
	g_thread_join(reader);
	close(ends[0]);
}

static void test_failed(void)
{
	Packer *packer = packer_new(find_compression());
	g_autoptr(GByteArray) pending = g_byte_array_new();
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full < 0) {
		g_test_skip("there is no /dev/full");
		packer_free(packer);
		return;
	}
	for (guint8 i = 1; i <= 3; i++)
		packer_push(packer, full, make_piece(i));
	g_assert_false(packer_wait(packer, 60000));
	g_assert_cmpint(packer_error(packer), ==, ENOSPC);
	g_byte_array_append(pending, (const guint8 *)"rest", 4);
	packer_take_back(packer, pending);
	g_assert_cmpuint(pending->len, ==, 3 * PIECE + 4);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpuint(pending->data[i * PIECE], ==, i + 1);
	g_assert_cmpmem(pending->data + 3 * PIECE, 4, "rest", 4);
	g_assert_true(packer_free(packer));
	close(full);
}

/* The last one: what hangs is left behind. */
static void test_hanging(void)
{
	Packer *packer = packer_new(find_compression());
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	packer_push(packer, ends[1], make_piece(0));
	g_assert_false(packer_free(packer));
	/* For the sanitizers. */
	g_thread_unref(g_thread_new("reader", read_all, GINT_TO_POINTER(ends[0])));
	g_assert_true(packer_wait(packer, 60000));
	g_assert_true(packer_free(packer));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (find_compression() == COMPRESSION_NONE)
		return 77;
	g_test_add_func("/packer/full", test_full);
	g_test_add_func("/packer/failed", test_failed);
	g_test_add_func("/packer/hanging", test_hanging);
	return g_test_run();
}
