/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a terminal. A terminal obeys control characters, wherever they come from: names of pins,
 * of programs, of devices, of files. All text that people read goes through here.
 */
#ifndef XDPSHARK_TERMINAL_H
#define XDPSHARK_TERMINAL_H

#include <glib.h>
#include <stdio.h>

/* Whether it is shown, and nothing else: no control or format character (writing direction, zero
 * width), no line or paragraph separator, nothing unassigned. */
gboolean terminal_shows(gunichar character);

/* One line of valid UTF-8 in which '?' stands for each character that terminal_shows() denies. To
 * be freed by g_free(). */
char *terminal_tame(const char *text);

/* Prints a line: all of it is tamed but the newline at its end, and it is converted to the locale's
 * encoding. */
void terminal_print(FILE *stream, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* From now on g_printerr() prints lines like that. To be called first of all by main(). */
void terminal_tame_errors(void);

#endif /* XDPSHARK_TERMINAL_H */
