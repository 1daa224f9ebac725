// SPDX-License-Identifier: GPL-2.0-or-later
#include "packer.h"

#include <errno.h>
#include <unistd.h>

#include "gate.h"

/* With pieces of 256 KiB, 4 MiB. */
#define PIECES_MAX 16

/* How long packer_free() waits. */
#define END_LIMIT_MS 500

typedef struct {
	int fd;
	GByteArray *bytes;
} Piece;

struct Packer {
	Compressor *compressor;
	GByteArray *packed;
	GThread *
		thread; /* NULL before the first piece, or if it could not be created (ulimit -u) */
	gboolean alone; /* there is no thread */
	GMutex lock;	/* protects what follows */
	GCond changed;
	GQueue pieces; /* Piece *; the first one stays until it is written */
	Gate gate;
	gboolean ending;
	int error;
};

Packer *packer_new(Compression compression)
{
	Packer *packer = g_new0(Packer, 1);

	packer->compressor = compressor_new(compression);
	packer->packed = g_byte_array_new();
	gate_open(&packer->gate);
	g_mutex_init(&packer->lock);
	g_cond_init(&packer->changed);
	g_queue_init(&packer->pieces);
	return packer;
}

static void piece_free(gpointer data)
{
	Piece *piece = data;

	g_byte_array_unref(piece->bytes);
	g_free(piece);
}

/* Returns 0 or an errno. */
static int write_all(int fd, const guint8 *data, gsize left)
{
	while (left > 0) {
		gssize written = write(fd, data, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? errno : EIO;
		data += written;
		left -= (gsize)written;
	}
	return 0;
}

/* Returns 0 or an errno. Part of a piece is of no use to anybody. */
static int write_piece(Packer *packer, const Piece *piece)
{
	off_t end = lseek(piece->fd, 0, SEEK_CUR);
	int reason;

	g_byte_array_set_size(packer->packed, 0);
	if (!packer->compressor || !compressor_append(packer->compressor, packer->packed,
						      piece->bytes->data, piece->bytes->len))
		return ENOMEM;
	reason = write_all(piece->fd, packer->packed->data, packer->packed->len);
	if (reason != 0 && end >= 0 && ftruncate(piece->fd, end) == 0)
		(void)lseek(piece->fd, end, SEEK_SET);
	return reason;
}

/* With the lock held, which is not held while it is written. After an error pieces stay. */
static void write_first(Packer *packer)
{
	Piece *piece = g_queue_peek_head(&packer->pieces);
	int reason;

	g_mutex_unlock(&packer->lock);
	reason = write_piece(packer, piece);
	g_mutex_lock(&packer->lock);
	packer->error = reason;
	if (reason == 0)
		piece_free(g_queue_pop_head(&packer->pieces));
	gate_set_full(&packer->gate, FALSE);
	g_cond_broadcast(&packer->changed);
}

static gpointer write_pieces(gpointer data)
{
	Packer *packer = data;

	g_mutex_lock(&packer->lock);
	while (packer->error == 0 && (!packer->ending || !g_queue_is_empty(&packer->pieces)))
		if (g_queue_is_empty(&packer->pieces))
			g_cond_wait(&packer->changed, &packer->lock);
		else
			write_first(packer);
	g_mutex_unlock(&packer->lock);
	return NULL;
}

gboolean packer_has_room(Packer *packer)
{
	gboolean room;

	g_mutex_lock(&packer->lock);
	room = packer->pieces.length < PIECES_MAX || packer->error != 0;
	gate_set_full(&packer->gate, !room);
	g_mutex_unlock(&packer->lock);
	return room;
}

int packer_fd(const Packer *packer)
{
	return packer->gate.fd;
}

void packer_push(Packer *packer, int fd, GByteArray *bytes)
{
	Piece *piece = g_new0(Piece, 1);

	piece->fd = fd;
	piece->bytes = bytes;
	/* Privileges are dropped by now, which is for all threads. */
	if (!packer->thread && !packer->alone) {
		packer->thread = g_thread_try_new("packer", write_pieces, packer, NULL);
		packer->alone = packer->thread == NULL;
	}
	g_mutex_lock(&packer->lock);
	g_queue_push_tail(&packer->pieces, piece);
	if (packer->alone && packer->error == 0)
		write_first(packer);
	g_cond_broadcast(&packer->changed);
	g_mutex_unlock(&packer->lock);
}

gboolean packer_wait(Packer *packer, guint timeout_ms)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	gboolean done;

	g_mutex_lock(&packer->lock);
	while (!g_queue_is_empty(&packer->pieces) && packer->error == 0 &&
	       g_cond_wait_until(&packer->changed, &packer->lock, deadline))
		;
	done = g_queue_is_empty(&packer->pieces);
	g_mutex_unlock(&packer->lock);
	return done;
}

int packer_error(Packer *packer)
{
	int error;

	g_mutex_lock(&packer->lock);
	error = packer->error;
	g_mutex_unlock(&packer->lock);
	return error;
}

void packer_take_back(Packer *packer, GByteArray *pending)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	g_mutex_lock(&packer->lock);
	while (!g_queue_is_empty(&packer->pieces)) {
		Piece *piece = g_queue_pop_head(&packer->pieces);

		g_byte_array_append(bytes, piece->bytes->data, piece->bytes->len);
		piece_free(piece);
	}
	g_mutex_unlock(&packer->lock);
	g_byte_array_prepend(pending, bytes->data, bytes->len);
}

gboolean packer_free(Packer *packer)
{
	if (!packer)
		return TRUE;
	g_mutex_lock(&packer->lock);
	packer->ending = TRUE;
	g_cond_broadcast(&packer->changed);
	g_mutex_unlock(&packer->lock);
	/* A file system that hangs keeps nobody from ending. */
	if (!packer_wait(packer, END_LIMIT_MS) && packer_error(packer) == 0)
		return FALSE;
	if (packer->thread)
		g_thread_join(packer->thread);
	g_queue_clear_full(&packer->pieces, piece_free);
	compressor_free(packer->compressor);
	g_byte_array_unref(packer->packed);
	gate_close(&packer->gate);
	g_mutex_clear(&packer->lock);
	g_cond_clear(&packer->changed);
	g_free(packer);
	return TRUE;
}
