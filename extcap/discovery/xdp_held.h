/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs in devmaps and cpumaps as points: they run on packets that another program redirects.
 * "devmap/tx_ports/3" is whatever program is at key 3 of the devmap called tx_ports. The kernel
 * keeps 15 characters of a map's name, and names need not be unique: of several maps with the same
 * name that hold programs, the plain address is that of the youngest, and others have their id in
 * it, "devmap/tx_ports#812/3".
 */
#ifndef XDPSHARK_XDP_HELD_H
#define XDPSHARK_XDP_HELD_H

#include "program_survey.h"

/* Whether an address is of this form. */
gboolean xdp_held_is_address(const char *address);

/* All of them, by map and key: Point *. */
GPtrArray *xdp_held_list(ProgramSurvey *survey);

/* NULL with error. */
Point *xdp_held_find(ProgramSurvey *survey, const char *address, GError **error);

#endif /* XDPSHARK_XDP_HELD_H */
