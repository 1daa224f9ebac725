// SPDX-License-Identifier: GPL-2.0-or-later
#include "compression.h"

#include <string.h>
#ifdef XDPSHARK_ZLIB
#include <zlib.h>
#endif
#ifdef XDPSHARK_ZSTD
#include <zstd.h>
#endif

/* The fastest: a capture must keep up with its packets. */
#define LEVEL 1

struct Compressor {
	Compression compression;
	gpointer state;
};

typedef struct {
	const char *suffix;
	const char *library;
	/* NULL: not built in */
	gpointer (*open)(void);
	void (*close)(gpointer state);
	gsize (*bound)(gpointer state, gsize length);
	/* Returns how long it became; 0: it failed. */
	gsize (*compress)(gpointer state, guint8 *to, gsize room, const guint8 *from, gsize length);
} CompressionType;

#ifdef XDPSHARK_ZLIB
/* gzip's header in place of zlib's. */
#define GZIP_WINDOW (15 + 16)
#define GZIP_MEMORY 8

static gpointer gzip_open(void)
{
	z_stream *stream = g_new0(z_stream, 1);

	if (deflateInit2(stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) ==
	    Z_OK)
		return stream;
	g_free(stream);
	return NULL;
}

static void gzip_close(gpointer state)
{
	(void)deflateEnd(state);
	g_free(state);
}

/* Behind a member zlib forgets, until it is reset, that there is a header. 0: it failed. */
static gsize gzip_bound(gpointer state, gsize length)
{
	return deflateReset(state) == Z_OK ? deflateBound(state, length) : 0;
}

static gsize gzip_compress(gpointer state, guint8 *to, gsize room, const guint8 *from, gsize length)
{
	z_stream *stream = state;

	stream->next_in = (guint8 *)from;
	stream->avail_in = (uInt)length;
	stream->next_out = to;
	stream->avail_out = (uInt)room;
	return deflate(stream, Z_FINISH) == Z_STREAM_END ? room - stream->avail_out : 0;
}
#endif

#ifdef XDPSHARK_ZSTD
static gpointer zstd_open(void)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (!context)
		return NULL;
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	return context;
}

static void zstd_close(gpointer state)
{
	ZSTD_freeCCtx(state);
}

static gsize zstd_bound(gpointer state G_GNUC_UNUSED, gsize length)
{
	return ZSTD_compressBound(length);
}

static gsize zstd_compress(gpointer state, guint8 *to, gsize room, const guint8 *from, gsize length)
{
	gsize size = ZSTD_compress2(state, to, room, from, length);

	return ZSTD_isError(size) ? 0 : size;
}
#endif

static const CompressionType types[COMPRESSIONS] = {
	[COMPRESSION_NONE] = { 0 },
#ifdef XDPSHARK_ZLIB
	[COMPRESSION_GZIP] = { ".gz", "zlib", gzip_open, gzip_close, gzip_bound, gzip_compress },
#else
	[COMPRESSION_GZIP] = { .suffix = ".gz", .library = "zlib" },
#endif
#ifdef XDPSHARK_ZSTD
	[COMPRESSION_ZSTD] = { ".zst", "zstd", zstd_open, zstd_close, zstd_bound, zstd_compress },
#else
	[COMPRESSION_ZSTD] = { .suffix = ".zst", .library = "zstd" },
#endif
};

Compression compression_of_name(const char *name, gsize *ret_length)
{
	gsize length = strlen(name);

	for (Compression i = COMPRESSION_GZIP; i < COMPRESSIONS; i++) {
		gsize suffix = strlen(types[i].suffix);

		if (length <= suffix ||
		    g_ascii_strcasecmp(name + length - suffix, types[i].suffix) != 0)
			continue;
		if (ret_length)
			*ret_length = length - suffix;
		return i;
	}
	if (ret_length)
		*ret_length = length;
	return COMPRESSION_NONE;
}

gboolean compression_check(Compression compression, const char *name, GError **error)
{
	if (compression == COMPRESSION_NONE || types[compression].open)
		return TRUE;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSYS,
		    "%s: this xdpshark was built without %s, and cannot compress it: leave %s out "
		    "of the name",
		    name, types[compression].library, types[compression].suffix);
	return FALSE;
}

Compressor *compressor_new(Compression compression)
{
	gpointer state = types[compression].open();
	Compressor *compressor;

	if (!state)
		return NULL;
	compressor = g_new0(Compressor, 1);
	compressor->compression = compression;
	compressor->state = state;
	return compressor;
}

void compressor_free(Compressor *compressor)
{
	if (!compressor)
		return;
	types[compressor->compression].close(compressor->state);
	g_free(compressor);
}

gboolean compressor_append(Compressor *compressor, GByteArray *out, const guint8 *data,
			   gsize length)
{
	const CompressionType *type = &types[compressor->compression];
	gsize room = type->bound(compressor->state, length), size;
	guint before = out->len;

	g_byte_array_set_size(out, before + (guint)room);
	size = type->compress(compressor->state, out->data + before, room, data, length);
	g_byte_array_set_size(out, before + (guint)size);
	return size > 0;
}
