/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands for people at a terminal. argv[0] is the name of the command; they return the exit
 * status.
 */
#ifndef XDPSHARK_COMMAND_H
#define XDPSHARK_COMMAND_H

#include <glib.h>

#include "exit_status.h"

/* Parses the options of a command that takes no operands. FALSE after printing what is wrong. */
gboolean command_parse(int argc, char **argv, const GOptionEntry *entries, const char *summary);

/* The same for one with a group of options, which it takes over and to which entries are added. If
 * it takes operands, they are among entries, and for --help in operands. */
gboolean command_parse_group(int argc, char **argv, const char *operands,
			     const GOptionEntry *entries, GOptionGroup *group, const char *summary);

/* xdpshark list [ssh://HOST] [--json] [--all] */
int list_command(int argc, char **argv);

/* xdpshark capture HOOK... [OPTION...] [FILTER] */
int capture_command(int argc, char **argv);

/* xdpshark stat [HOOK...] [OPTION...] [FILTER] */
int stat_command(int argc, char **argv);

/* xdpshark filter [OPTION...] FILTER */
int filter_command(int argc, char **argv);

/* xdpshark doctor [--json] */
int doctor_command(int argc, char **argv);

#endif /* XDPSHARK_COMMAND_H */
