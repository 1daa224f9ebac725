/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extcap protocol: what Wireshark, tshark and dumpcap ask, and how it is answered.
 */
#ifndef XDPSHARK_EXTCAP_H
#define XDPSHARK_EXTCAP_H

#include <glib.h>

#include "option.h"

/* Are these the arguments of a call by Wireshark? */
gboolean extcap_is_called(int argc, char **argv);

/* What it asks for. */
typedef struct {
	gboolean interfaces;
	gboolean dlts;
	gboolean config;
	gboolean capture;
	gboolean cleanup;
	char *interface;
	char *reload;
	char *filter;
	char *fifo;
	char *version;
	char *control_in;
	char *control_out;
	OptionValues values;
} ExtcapCall;

/* Reads the arguments and does nothing else. Options that a later Wireshark may add, and operands,
 * are no errors. call is to be cleared in any case. */
gboolean extcap_call_parse(ExtcapCall *call, int argc, char **argv, GError **error);
void extcap_call_clear(ExtcapCall *call);

/* Answers it; returns the exit status. */
int extcap_main(int argc, char **argv);

#endif /* XDPSHARK_EXTCAP_H */
