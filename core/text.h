/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* A string that grows. */
#ifndef CBPF_TEXT_H
#define CBPF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is the empty text. */
struct text {
	char *bytes; /* NULL while the text is empty; freed by the owner */
	size_t length, room;
	bool failed; /* memory ran out */
};

__attribute__((format(printf, 2, 3))) void text_add(struct text *text, const char *format, ...);

#endif
