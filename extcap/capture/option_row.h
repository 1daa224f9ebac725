/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options, for option.c alone: the command line and Wireshark's dialog are made of it.
 */
#ifndef XDPSHARK_OPTION_ROW_H
#define XDPSHARK_OPTION_ROW_H

#include <glib.h>

typedef enum {
	TYPE_INTEGER,
	TYPE_SIZE,     /* millions of bytes, or with k, m or g KiB, MiB or GiB */
	TYPE_FRACTION, /* N, may also be written 1/N */
	TYPE_DOUBLE,
	TYPE_CHOICE,   /* one of the row's choices */
	TYPE_VERDICTS, /* names of the source's verdicts */
	TYPE_SAVE_FILE,
	TYPE_STRING,
	TYPE_MARK, /* VALUE or VALUE/MASK; kept as it is typed */
	TYPE_FLAG,
} Type;

typedef struct {
	const char *name; /* as typed */
	const char *display;
	gint64 value;
} OptionChoice;

typedef struct {
	const char *name;
	char letter;
	Type type;
	gsize offset;	      /* in OptionValues */
	gboolean extcap;      /* also in Wireshark's dialog */
	guint group;	      /* SourceOptions: only for source types that have it */
	const char *argument; /* in --help */
	const char *display;  /* in the dialog */
	const char *help;
	gint64 minimum;
	gint64 maximum;
	gint64 initial;
	const OptionChoice *choices;
} OptionRow;

#define OPTION_ROWS 41

extern const OptionRow option_rows[OPTION_ROWS];

#endif /* XDPSHARK_OPTION_ROW_H */
