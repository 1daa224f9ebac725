/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* A string that grows. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MOST ((size_t)512)

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int used;

	if (text->failed)
		return;
	if (text->room - text->length < LINE_MOST) {
		size_t room = 2 * text->room + 2 * LINE_MOST;
		char *bytes = realloc(text->bytes, room);

		if (!bytes) {
			text->failed = true;
			return;
		}
		text->bytes = bytes;
		text->room = room;
	}
	va_start(arguments, format);
	used = vsnprintf(text->bytes + text->length, LINE_MOST, format, arguments);
	va_end(arguments);
	if (used < 0 || (size_t)used >= LINE_MOST)
		text->failed = true;
	else
		text->length += (size_t)used;
}
