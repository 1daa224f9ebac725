/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extcap protocol: what Wireshark, tshark and dumpcap ask, and how it is answered.
 */
#ifndef XDPSHARK_EXTCAP_H
#define XDPSHARK_EXTCAP_H

#include <glib.h>

/* Are these the arguments of a call by Wireshark? */
gboolean extcap_is_called(int argc, char **argv);

/* Answers it; returns the exit status. */
int extcap_main(int argc, char **argv);

#endif /* XDPSHARK_EXTCAP_H */
