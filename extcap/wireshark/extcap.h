/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extcap protocol: calls by Wireshark, tshark and dumpcap, and how they are answered.
 */
#ifndef XDPSHARK_EXTCAP_H
#define XDPSHARK_EXTCAP_H

#include <glib.h>

#include "function_interface.h"
#include "option.h"
#include "remote_interface.h"

/* Whether these are the arguments of a call by Wireshark. */
gboolean extcap_is_called(int argc, char **argv);

/* What the call asks for. */
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
	FunctionFields functions;
	RemoteFields remote;
	OptionValues values;
} ExtcapCall;

/* Only parses the arguments. Options that a later Wireshark may add, and operands, are ignored.
 * *ret_call must be cleared in any case. */
gboolean extcap_call_parse(ExtcapCall *ret_call, int argc, char **argv, GError **error);
void extcap_call_clear(ExtcapCall *call);

/* Answers a call; returns the exit status. */
int extcap_main(int argc, char **argv);

#endif /* XDPSHARK_EXTCAP_H */
