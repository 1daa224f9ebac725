/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that compresses pieces of a file and writes them, so that who reads packets does not
 * wait for it. A file always ends with a whole piece, also when it cannot be written.
 */
#ifndef XDPSHARK_PACKER_H
#define XDPSHARK_PACKER_H

#include "compression.h"

typedef struct Packer Packer;

Packer *packer_new(Compression compression);
/* Writes what it has. FALSE if that hangs: the thread is still at it, and needs the file. */
gboolean packer_free(Packer *packer);

/* FALSE: it has as many pieces as it takes. packer_fd() becomes writable when it takes more. */
gboolean packer_has_room(Packer *packer);
int packer_fd(const Packer *packer);

/* Takes over the piece, which goes to the end of the file fd. */
void packer_push(Packer *packer, int fd, GByteArray *piece);

/* Waits until all pieces are written, for so long at most. FALSE: they are not. */
gboolean packer_wait(Packer *packer, guint timeout_ms);

/* The errno of a piece that could not be written, after which nothing more is; or 0. */
int packer_error(Packer *packer);

/* After an error: puts the bytes of the pieces that were not written in front of `pending`. */
void packer_take_back(Packer *packer, GByteArray *pending);

#endif /* XDPSHARK_PACKER_H */
