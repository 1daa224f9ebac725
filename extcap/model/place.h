/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the files of this installation are, wherever it was put: found from the program's own file.
 */
#ifndef XDPSHARK_PLACE_H
#define XDPSHARK_PLACE_H

#include <glib.h>

/* The path of what lies at that path seen from the folder of our program, links followed; an
 * absolute one as it is. */
char *place_of(const char *path);

#endif /* XDPSHARK_PLACE_H */
