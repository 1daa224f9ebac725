// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_symbol.h"

#include <stdio.h>
#include <string.h>

#define SYMBOLS "/proc/kallsyms"

/* What is looked for, besides xdp_code_readers(). Calls are relative to the last one. */
enum { PAGES, MEMORY, CALL_BASE, OTHERS };
static const char *const names[OTHERS] = { "vmemmap_base", "page_offset_base", "__bpf_call_base" };

static struct {
	guint64 addresses[OTHERS + XDP_CODE_READERS];
	gsize read;
} symbols;

/* By name, where their addresses go. */
static GHashTable *places_new(void)
{
	GHashTable *places = g_hash_table_new(g_str_hash, g_str_equal);
	const char *const *readers = xdp_code_readers();

	for (guint i = 0; i < OTHERS; i++)
		g_hash_table_insert(places, (gpointer)names[i], &symbols.addresses[i]);
	for (guint i = 0; readers[i]; i++)
		g_hash_table_insert(places, (gpointer)readers[i], &symbols.addresses[OTHERS + i]);
	return places;
}

/* A line is "ffffffff82124600 D vmemmap_base". */
static void read_line(char *line, GHashTable *places)
{
	const char *name = line[0] ? strrchr(line, ' ') : NULL;
	guint64 *place = name ? g_hash_table_lookup(places, name + 1) : NULL;

	if (place)
		*place = g_ascii_strtoull(line, NULL, 16);
}

static void read_symbols(void)
{
	FILE *file = fopen(SYMBOLS, "re");
	g_autoptr(GHashTable) places = places_new();
	char line[512];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\t\n")] = '\0';
		read_line(line, places);
	}
	fclose(file);
}

static void read_once(void)
{
	if (g_once_init_enter(&symbols.read)) {
		read_symbols();
		g_once_init_leave(&symbols.read, 1);
	}
}

/* Elsewhere a page's memory is found in other ways (see page_memory() in bpf/fragments.bpf.h). */
#ifdef __x86_64__
#define HAS_PAGE_BASES TRUE
#else
#define HAS_PAGE_BASES FALSE
#endif

gboolean kernel_symbols_find_pages(guint64 *ret_pages, guint64 *ret_memory)
{
	gboolean found;

	read_once();
	found = HAS_PAGE_BASES && symbols.addresses[PAGES] != 0 && symbols.addresses[MEMORY] != 0;
	*ret_pages = found ? symbols.addresses[PAGES] : 0;
	*ret_memory = found ? symbols.addresses[MEMORY] : 0;
	return found;
}

gsize kernel_symbols_find_readers(gint32 ret_calls[XDP_CODE_READERS])
{
	guint64 base;
	gsize count = 0;

	read_once();
	base = symbols.addresses[CALL_BASE];
	for (guint i = 0; base != 0 && i < XDP_CODE_READERS; i++) {
		guint64 address = symbols.addresses[OTHERS + i];

		if (address != 0)
			ret_calls[count++] = (gint32)(address - base);
	}
	return count;
}

typedef struct {
	guint64 address;
	const char *name;
} Function;

/* Read again when modules may have come. */
#define FUNCTIONS_INTERVAL_US ((gint64)10 * G_USEC_PER_SEC)

static struct {
	GArray *all; /* Function, by address */
	GStringChunk *names;
	gint64 next_read; /* monotonic, in us */
} functions;

/* A line is "ffffffff81a2b3c0 t nf_hook_slow", with the module behind a tab. */
static void add_function(char *line)
{
	Function function = { .address = g_ascii_strtoull(line, NULL, 16) };
	const char *kind = strchr(line, ' ');

	if (!kind || function.address == 0 || !strchr("tTwW", kind[1]) || kind[2] != ' ')
		return;
	function.name = g_string_chunk_insert(functions.names, kind + 3);
	g_array_append_val(functions.all, function);
}

static gint compare_functions(gconstpointer left, gconstpointer right)
{
	guint64 a = ((const Function *)left)->address, b = ((const Function *)right)->address;

	return (a > b) - (a < b);
}

static void read_functions(void)
{
	FILE *file = fopen(SYMBOLS, "re");
	char line[512];

	if (!functions.all) {
		functions.all = g_array_new(FALSE, FALSE, sizeof(Function));
		functions.names = g_string_chunk_new(1 << 16);
	}
	g_array_set_size(functions.all, 0);
	g_string_chunk_clear(functions.names);
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\t\n")] = '\0';
		add_function(line);
	}
	if (file)
		fclose(file);
	g_array_sort(functions.all, compare_functions);
}

/* The last one that begins before the address. */
static const Function *find_function(guint64 address)
{
	guint low = 0, high = functions.all->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(functions.all, Function, middle).address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &g_array_index(functions.all, Function, low - 1) : NULL;
}

char *kernel_symbol_at(guint64 address)
{
	gint64 now = g_get_monotonic_time();
	const Function *function;

	if (now >= functions.next_read) {
		read_functions();
		functions.next_read = now + FUNCTIONS_INTERVAL_US;
	}
	function = find_function(address);
	return function ? g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", function->name,
					  address - function->address)
			: NULL;
}

/* A line is "ffffffffc0a2b3c0 t br_handle_frame\t[bridge]". */
static void visit_line(char *line, KernelSymbolVisitor *visit, gpointer data)
{
	guint64 address = g_ascii_strtoull(line, NULL, 16);
	char *kind = strchr(line, ' '), *module = strchr(line, '[');

	if (!kind || !strchr("tTwW", kind[1]) || kind[2] != ' ')
		return;
	kind[3 + strcspn(kind + 3, "\t\n")] = '\0';
	if (module)
		module[strcspn(module, "]")] = '\0';
	visit(address, kind + 3, module ? module + 1 : NULL, data);
}

void kernel_symbols_visit(KernelSymbolVisitor *visit, gpointer data)
{
	FILE *file = fopen(SYMBOLS, "re");
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		visit_line(line, visit, data);
	if (file)
		fclose(file);
}
