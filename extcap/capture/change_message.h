/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of a capture on another host, as two xdpsharks speak of them. What is asked goes to that
 * one's standard input: JSON without line feeds, ended by a zero byte. Line feeds, which are the
 * sign of life, may be anywhere between its bytes. The answers are lines on its standard error.
 */
#ifndef XDPSHARK_CHANGE_MESSAGE_H
#define XDPSHARK_CHANGE_MESSAGE_H

#include <glib.h>

#include "changes.h"

/* Bytes of a message. A filter is at most that long. */
#define CHANGE_MESSAGE_MAX 262144

/* What differs between from and to, with the number of to. Free with g_free(). */
char *change_message_format(const ChangesSetting *from, const ChangesSetting *to);

/* Puts what the message says into *setting. FALSE if it is none; then nothing is changed. */
gboolean change_message_parse(const char *text, ChangesSetting *setting);

/* The line of a capture that can be changed, when it begins. */
char *change_offer_format(const Changes *changes);

/* All that was asked up to that number is settled: in force, or, with error, the last of it
 * refused. */
char *change_answer_format(guint32 number, const GError *error);

typedef struct {
	const SourceType *source; /* the offer's; NULL: this is an answer */
	guint slots;
	guint32 verdicts;
	guint32 number;
	char *refused; /* or NULL */
} ChangeAnswer;

/* Reads one of these lines. FALSE if it is none; else free ret_answer->refused. */
gboolean change_answer_parse(const char *line, ChangeAnswer *ret_answer);

#endif /* XDPSHARK_CHANGE_MESSAGE_H */
