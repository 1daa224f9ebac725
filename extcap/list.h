/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark list": the hooks of this machine, for people and for programs.
 */
#ifndef XDPSHARK_LIST_H
#define XDPSHARK_LIST_H

/* argv[0] is "list". Exit status: 0, 1 (failed), 2 (usage). */
int list_command(int argc, char **argv);

#endif /* XDPSHARK_LIST_H */
