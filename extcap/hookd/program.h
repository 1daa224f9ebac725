/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture programs of hooks: loaded with a compiled filter inside, of the kind that a hook's
 * owner accepts.
 */
#ifndef XDPSHARK_PROGRAM_H
#define XDPSHARK_PROGRAM_H

#include "program_set.h"

ProgramSet *program_set_load(const ProgramRequest *request, GError **error);

/* The same with another filter and other actions, to take the place of those of `first` while their
 * capture runs: all else goes on as it is, rings, counters, what comes next, and the identity. */
ProgramSet *program_set_load_again(const ProgramSet *first, const ProgramRequest *request,
				   GError **error);

/* File descriptor and id of the program for an action; -1 and 0 if it was not asked for. */
int program_set_fd(const ProgramSet *set, guint action);
guint32 program_set_id(const ProgramSet *set, guint action);

/* The program array with what comes after each of the programs, by action. */
int program_set_next(const ProgramSet *set);

/* Loads the filter alone, as a capture would, and throws it away: does the verifier accept it? */
gboolean program_check_filter(const struct sock_filter *filter, gsize length, GError **error);

#endif /* XDPSHARK_PROGRAM_H */
