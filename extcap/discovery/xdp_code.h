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

#endif /* XDPSHARK_XDP_CODE_H */
