/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compression of files, by their names. Each piece is compressed by itself, as a frame of zstd (RFC
 * 8878) or a member of gzip (RFC 1952): a file is any number of them, one after the other, and one
 * that ends early can be read up to its last whole one.
 */
#ifndef XDPSHARK_COMPRESSION_H
#define XDPSHARK_COMPRESSION_H

#include <glib.h>

typedef enum {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_ZSTD,
	COMPRESSIONS,
} Compression;

/* What a name asks for, such as fw.pcapng.gz; *ret_length, unless NULL, is that of the rest. */
Compression compression_of_name(const char *name, gsize *ret_length);

/* FALSE with error if this program was built without it. */
gboolean compression_check(Compression compression, const char *name, GError **error);

typedef struct Compressor Compressor;
Compressor *compressor_new(Compression compression);
void compressor_free(Compressor *compressor);

/* Appends a whole frame or member. FALSE if there is not enough memory. */
gboolean compressor_append(Compressor *compressor, GByteArray *out, const guint8 *data,
			   gsize length);

#endif /* XDPSHARK_COMPRESSION_H */
