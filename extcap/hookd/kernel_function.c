// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_function.h"

#include <stdio.h>
#include <string.h>

#include "kernel_symbol.h"
#include "kernel_target.h"

/* All that can be traced, a line each: "br_handle_frame [bridge]". */
static const char *const lists[] = {
	"/sys/kernel/tracing/available_filter_functions",
	"/sys/kernel/debug/tracing/available_filter_functions",
};

/* The compiler's names for variants of a function. Of the first ones it has taken arguments away,
 * but seldom the first. */
static const struct {
	const char *suffix;
	gboolean keeps_arguments;
} variants[] = {
	{ ".isra.", FALSE },
	{ ".constprop.", FALSE },
	{ ".llvm.", TRUE },
};

/* What follows the name: "" or some of the suffixes, each with a number. */
static gboolean is_variant(const char *rest, gboolean needs_arguments)
{
	while (*rest) {
		gsize length = 0;

		for (guint i = 0; i < G_N_ELEMENTS(variants) && length == 0; i++)
			if (g_str_has_prefix(rest, variants[i].suffix) &&
			    (variants[i].keeps_arguments || !needs_arguments))
				length = strlen(variants[i].suffix);
		if (length == 0)
			return FALSE;
		rest += length;
		rest += strspn(rest, "0123456789");
	}
	return TRUE;
}

static void match_symbol(guint64 address, const char *name, const char *module, gpointer data)
{
	char base[128];
	KernelTarget *target;

	if (g_strlcpy(base, name, sizeof(base)) >= sizeof(base))
		return;
	base[strcspn(base, ".")] = '\0';
	target = g_hash_table_lookup(data, base);
	if (!target || g_strcmp0(target->module, module) != 0 ||
	    !is_variant(name + strlen(base), target->argument > 0))
		return;
	/* The function itself counts most, and of several the first one. */
	if (target->symbol && (strchr(name, '.') || !strchr(target->symbol, '.')))
		return;
	g_free(target->symbol);
	target->symbol = g_strdup(name);
	target->address = address;
}

static FILE *open_list(void)
{
	FILE *file = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(lists) && !file; i++)
		file = fopen(lists[i], "re");
	return file;
}

/* Where there is no such list, all may be tried. */
static void mark_fixed(GHashTable *by_symbol)
{
	FILE *file = open_list();
	GHashTableIter iter;
	gpointer target;
	char line[512];

	if (!file)
		return;
	g_hash_table_iter_init(&iter, by_symbol);
	while (g_hash_table_iter_next(&iter, NULL, &target))
		((KernelTarget *)target)->fixed = TRUE;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, " \t\n")] = '\0';
		target = g_hash_table_lookup(by_symbol, line);
		if (target)
			((KernelTarget *)target)->fixed = FALSE;
	}
	fclose(file);
}

void kernel_functions_locate(const GPtrArray *targets)
{
	g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) by_symbol = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < targets->len; i++) {
		KernelTarget *target = g_ptr_array_index(targets, i);

		if (!target->is_tracepoint)
			g_hash_table_insert(by_name, target->name, target);
	}
	kernel_symbols_visit(match_symbol, by_name);
	for (guint i = 0; i < targets->len; i++) {
		KernelTarget *target = g_ptr_array_index(targets, i);

		if (target->symbol)
			g_hash_table_insert(by_symbol, target->symbol, target);
	}
	mark_fixed(by_symbol);
}
