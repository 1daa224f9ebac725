/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is found out from the instructions of loaded programs. They are read once: they do not
 * change.
 */
#ifndef XDPSHARK_XDP_CODE_H
#define XDPSHARK_XDP_CODE_H

#include <glib.h>

#include "xdp_program.h"

/* Of the program, as long as no other one is asked for. NULL if there are none to be had:
 * *ret_reason says why, or is NULL if the program has ended. */
const GArray *xdp_code_sites(const XdpProgram *program, const char **ret_reason);

/* Whether the program names one program array alone: then all its tail calls go there. */
gboolean xdp_code_has_one_array(const XdpProgram *program);

#endif /* XDPSHARK_XDP_CODE_H */
