/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a terminal. A terminal obeys control characters wherever they come from: names of pins,
 * programs, devices or files. All text for people goes through here.
 */
#ifndef XDPSHARK_TERMINAL_H
#define XDPSHARK_TERMINAL_H

#include <glib.h>
#include <stdio.h>

/* Whether a terminal just shows the character. FALSE for control and format characters (writing
 * direction, zero width), line and paragraph separators, and unassigned ones. */
gboolean terminal_shows(gunichar character);

/* One line of valid UTF-8, with '?' for each character for which terminal_shows() is FALSE. Free
 * with g_free(). */
char *terminal_tame(const char *text);

/* Text in the encoding of the locale: a terminal with another one would take bytes of UTF-8 for
 * control characters. Free with g_free(). */
char *terminal_encode(const char *text);

/* Prints a line, tamed except for the newline at its end, in the encoding of the locale. */
void terminal_print(FILE *stream, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Columns that tame text takes. */
guint terminal_width(const char *text);

/* Whether standard output is a terminal whose user wants colours: see https://no-color.org. */
gboolean terminal_wants_color(void);

/* Makes g_printerr() print lines the same way. Call it early in main(). */
void terminal_tame_errors(void);

#endif /* XDPSHARK_TERMINAL_H */
