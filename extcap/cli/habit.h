/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fingers type that know tcpdump and dumpcap: values glued to letters (-c10, -w-), letters in
 * a row (-Uw -), and options that mean something else here, are so anyway, or are somebody else's
 * business.
 */
#ifndef XDPSHARK_HABIT_H
#define XDPSHARK_HABIT_H

#include <glib.h>

typedef struct {
	GStrv words;	       /* for our own parser, the program's name first */
	GPtrArray *interfaces; /* char *, those of -i */
	char *filter;	       /* of -f, or NULL */
	char *filter_file;     /* of -F, or NULL */
	char *remark;	       /* a line for the user where packets are not printed, or NULL */
	char *unprinted;       /* where they are, likewise */
	char *style;	       /* letters of how they are printed, each as often as typed */
	GPtrArray *handed;     /* char *, words of that for tshark */
	gboolean list;	       /* only list the hooks */
} Habits;

/* An error says what to use here instead. *ret_habits must be cleared in any case. */
gboolean habit_take(int argc, char **argv, Habits *ret_habits, GError **error);
void habit_clear(Habits *habits);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Habits, habit_clear)

#endif /* XDPSHARK_HABIT_H */
