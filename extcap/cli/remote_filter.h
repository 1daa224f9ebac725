/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "xdpshark filter" on another host, which knows what its kernel and its xdpshark make of a filter.
 */
#ifndef XDPSHARK_REMOTE_FILTER_H
#define XDPSHARK_REMOTE_FILTER_H

#include <glib.h>

/* xdpshark filter ssh://HOST [OPTION...] FILTER */
int remote_filter_command(int argc, char **argv);

#endif /* XDPSHARK_REMOTE_FILTER_H */
