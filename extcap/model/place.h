/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the files of this installation are. The installation may have been moved, so they are found
 * from the program's own file.
 */
#ifndef XDPSHARK_PLACE_H
#define XDPSHARK_PLACE_H

#include <glib.h>

/* Makes a path absolute that is relative to the folder of our program (links followed). An absolute
 * path stays as it is. */
char *place_of(const char *path);

#endif /* XDPSHARK_PLACE_H */
