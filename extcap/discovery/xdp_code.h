/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the instructions of loaded programs show. They are read once, as they do not change.
 */
#ifndef XDPSHARK_XDP_CODE_H
#define XDPSHARK_XDP_CODE_H

#include <glib.h>

#include "xdp_program.h"

/* The tail calls of the program, valid until the next call. NULL if they are not available:
 * *ret_reason says why, or is NULL if the program is gone. */
const GArray *xdp_code_sites(const XdpProgram *program, const char **ret_reason);

/* True if the program refers to a single program array: all its tail calls go there. */
gboolean xdp_code_has_one_array(const XdpProgram *program);

/* Functions of the kernel that programs call, NULL at the end, of which it matters here which is
 * which; their number is at most XDP_CODE_READERS. */
const char *const *xdp_code_readers(void);
#define XDP_CODE_READERS 64

/* TRUE if it is certain that the XDP program with that descriptor changes no packet. readers: how
 * programs call xdp_code_readers(), as far as that is known. */
gboolean xdp_code_leaves_packet(int fd, const gint32 *readers, gsize reader_count);

#endif /* XDPSHARK_XDP_CODE_H */
