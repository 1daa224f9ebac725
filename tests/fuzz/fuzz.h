/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the libFuzzer targets share.
 */
#ifndef XDPSHARK_FUZZ_H
#define XDPSHARK_FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* To be called once, first: makes a finding of what GLib calls a defect, such as a NULL where none
 * may be. */
void fuzz_begin(void);

/* The log's handler that does so; it prints nothing else. */
void fuzz_log(const char *domain, GLogLevelFlags level, const char *message, gpointer data);

/* What holds for every input. */
#define FUZZ_CHECK(CONDITION)                                                                      \
	do {                                                                                       \
		if (!(CONDITION)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#CONDITION);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif /* XDPSHARK_FUZZ_H */
