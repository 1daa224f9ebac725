// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_symbol.h"

#include <stdio.h>
#include <string.h>

#define SYMBOLS "/proc/kallsyms"

static const char *const names[] = { "vmemmap_base", "page_offset_base" };

static struct {
	guint64 addresses[G_N_ELEMENTS(names)];
	gsize read;
} symbols;

/* A line is "ffffffff82124600 D vmemmap_base". */
static void read_line(char *line)
{
	const char *name = line[0] ? strrchr(line, ' ') : NULL;

	if (!name)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(name + 1, names[i]) == 0)
			symbols.addresses[i] = g_ascii_strtoull(line, NULL, 16);
}

/* Elsewhere a page's memory is found in other ways (see page_memory() in bpf/program.bpf.c). */
#ifdef __x86_64__
#define HAS_PAGE_BASES TRUE
#else
#define HAS_PAGE_BASES FALSE
#endif

static void read_symbols(void)
{
	FILE *file = HAS_PAGE_BASES ? fopen(SYMBOLS, "re") : NULL;
	char line[512];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\t\n")] = '\0';
		read_line(line);
	}
	fclose(file);
}

gboolean kernel_symbols_find_pages(guint64 *ret_pages, guint64 *ret_memory)
{
	gboolean found;

	if (g_once_init_enter(&symbols.read)) {
		read_symbols();
		g_once_init_leave(&symbols.read, 1);
	}
	found = symbols.addresses[0] != 0 && symbols.addresses[1] != 0;
	*ret_pages = found ? symbols.addresses[0] : 0;
	*ret_memory = found ? symbols.addresses[1] : 0;
	return found;
}
