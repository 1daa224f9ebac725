/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Wireshark looks for extcaps and plugins, according to tshark.
 */
#ifndef XDPSHARK_TSHARK_H
#define XDPSHARK_TSHARK_H

#include <glib.h>

typedef struct {
	char *version;	    /* NULL: there is no tshark */
	GPtrArray *extcaps; /* folders, char * */
	GPtrArray *plugins;
} Tshark;

void tshark_ask(Tshark *ret_tshark);
void tshark_clear(Tshark *tshark);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tshark, tshark_clear)

#endif /* XDPSHARK_TSHARK_H */
