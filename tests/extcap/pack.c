// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pack NAME PIECE: compresses standard input as the end of the name says, in pieces of so many
 * bytes, to standard output.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compression.h"

int main(int argc, char **argv)
{
	gsize size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, length;
	Compression compression = size ? compression_of_name(argv[1], NULL) : COMPRESSION_NONE;
	g_autoptr(GByteArray) packed = g_byte_array_new();
	g_autofree guint8 *piece = g_malloc(size + 1);
	g_autoptr(GError) error = NULL;
	Compressor *compressor;

	if (compression == COMPRESSION_NONE)
		return 2;
	if (!compression_check(compression, argv[1], &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 77;
	}
	compressor = compressor_new(compression);
	while ((length = fread(piece, 1, size, stdin)) > 0)
		if (!compressor || !compressor_append(compressor, packed, piece, length))
			return 1;
	compressor_free(compressor);
	return fwrite(packed->data, 1, packed->len, stdout) == packed->len ? 0 : 1;
}
