/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Memory of one compilation: allocated piece by piece, freed at once. */
#ifndef CBPF_ARENA_H
#define CBPF_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
	struct arena_chunk *chunks;
};

/* Zeroed memory for count objects of size bytes, aligned for any of our types, valid until
 * arena_release(). NULL if there is none or the product overflows. */
void *arena_take(struct arena *arena, size_t count, size_t size);

void arena_release(struct arena *arena);

#endif
