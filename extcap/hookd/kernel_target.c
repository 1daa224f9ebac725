// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_target.h"

#include <bpf/btf.h>
#include <string.h>

#include "kernel_record.h"
#include "point.h"

#define PACKET		  "sk_buff"
#define TRACEPOINT_PREFIX "btf_trace_"
#define MODULES		  "/sys/kernel/btf"
#define VMLINUX		  "vmlinux"

/* Patterns find none of these: our own programs call them, for each packet; the others are parts of
 * tracepoints, which are found themselves. */
static const char *const left_out[] = {
	"bpf_dynptr_*",	 "*bpf_skb_*",	  "skb_copy_bits", "__bpf_trace_*",
	"__probestub_*", "__traceiter_*", "perf_trace_*",  "trace_event_raw_event_*",
};

/* Of these the compiler makes variants, which many kernels' types leave out. Their first argument
 * is the same in all. */
static const struct {
	const char *name;
	gboolean is_indirect;
} undescribed[] = {
	{ "__netif_receive_skb_core", TRUE },
};

/* What is looked for, and what was found. */
typedef struct {
	GPtrArray *names;    /* const char *, without * and ? */
	GPtrArray *patterns; /* GPatternSpec * */
	GPtrArray *left_out; /* likewise */
	GPtrArray *targets;
	GHashTable *by_name; /* of targets */
} Search;

static void target_free(gpointer data)
{
	KernelTarget *target = data;

	g_free(target->name);
	g_free(target->module);
	g_free(target->symbol);
	g_free(target);
}

guint kernel_target_kind(const KernelTarget *target)
{
	if (!target)
		return 0;
	return target->is_tracepoint ? 1 : 2;
}

/* Where each packet has bytes of its own, also if its skb was another's a moment ago. */
static const char *const arrivals[] = { "napi_gro_receive_entry", "napi_gro_frags_entry", NULL };

guint32 kernel_target_pack(const KernelTarget *target)
{
	return target->number | (guint32)target->argument << XDPSHARK_TARGET_ARGUMENT |
	       (target->is_indirect ? XDPSHARK_TARGET_INDIRECT : 0) |
	       (g_strv_contains(arrivals, target->name) ? XDPSHARK_TARGET_ARRIVES : 0);
}

/* Behind const and the like. */
static const struct btf_type *bare_type(const struct btf *btf, guint32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* Behind so many pointers. */
static gboolean is_packet(const struct btf *btf, guint32 id, guint pointers)
{
	const struct btf_type *type = bare_type(btf, id);

	for (; type && pointers > 0; pointers--)
		type = btf_is_ptr(type) ? bare_type(btf, type->type) : NULL;
	return type && btf_is_struct(type) &&
	       strcmp(btf__name_by_offset(btf, type->name_off), PACKET) == 0;
}

/* Which of the arguments from the first one on is a packet, or -1. */
static gint find_argument(const struct btf *btf, const struct btf_type *proto, guint first,
			  guint pointers)
{
	const struct btf_param *params = btf_params(proto);

	for (guint i = first; i < btf_vlen(proto) && i < first + XDPSHARK_TARGET_ARGUMENTS; i++)
		if (is_packet(btf, params[i].type, pointers))
			return (gint)(i - first);
	return -1;
}

/* A tracepoint's type is a pointer to a function, whose first argument is the kernel's own. */
static const struct btf_type *read_type(const struct btf *btf, const struct btf_type *type,
					const char **ret_name, guint *ret_first)
{
	const char *name = btf__name_by_offset(btf, type->name_off);

	*ret_name = name;
	*ret_first = 0;
	if (btf_is_func(type))
		return btf__type_by_id(btf, type->type);
	if (!btf_is_typedef(type) || !g_str_has_prefix(name, TRACEPOINT_PREFIX))
		return NULL;
	*ret_name = name + strlen(TRACEPOINT_PREFIX);
	*ret_first = 1;
	type = btf__type_by_id(btf, type->type);
	return type && btf_is_ptr(type) ? btf__type_by_id(btf, type->type) : NULL;
}

static gboolean matches_any(const GPtrArray *patterns, const char *name)
{
	for (guint i = 0; i < patterns->len; i++)
		if (g_pattern_spec_match_string(g_ptr_array_index(patterns, i), name))
			return TRUE;
	return FALSE;
}

static gboolean is_wanted(const Search *search, const char *name)
{
	return g_ptr_array_find_with_equal_func(search->names, name, g_str_equal, NULL) ||
	       (matches_any(search->patterns, name) && !matches_any(search->left_out, name));
}

/* Of the same name the first function counts, which is the kernel's own, and before it the
 * tracepoint. */
static void add_target(Search *search, const KernelTarget *found)
{
	KernelTarget *target = g_hash_table_lookup(search->by_name, found->name);

	if (target && (target->is_tracepoint || !found->is_tracepoint))
		return;
	if (!target) {
		target = g_new0(KernelTarget, 1);
		target->name = g_strdup(found->name);
		g_hash_table_insert(search->by_name, target->name, target);
		g_ptr_array_add(search->targets, target);
	}
	g_free(target->module);
	target->module = g_strdup(found->module);
	target->is_tracepoint = found->is_tracepoint;
	target->is_indirect = found->is_indirect;
	target->argument = found->argument;
	target->type = found->type;
}

/* module: NULL for the kernel itself. */
static void look_at(Search *search, const struct btf *btf, guint32 id, const char *module)
{
	const struct btf_type *type = btf__type_by_id(btf, id), *proto;
	KernelTarget found = { .module = (char *)module, .type = id };
	const char *name;
	guint first;
	gint argument;

	if (!btf_is_func(type) && !btf_is_typedef(type))
		return;
	proto = read_type(btf, type, &name, &first);
	if (!proto || !btf_is_func_proto(proto) || !is_wanted(search, name))
		return;
	argument = find_argument(btf, proto, first, 1);
	/* A tracepoint's program would have to be told what such a pointer leads to. */
	if (argument < 0 && first == 0) {
		argument = find_argument(btf, proto, first, 2);
		found.is_indirect = TRUE;
	}
	if (argument < 0)
		return;
	found.name = (char *)name;
	found.is_tracepoint = first > 0;
	found.argument = (guint8)argument;
	add_target(search, &found);
}

static void look_in_module(Search *search, struct btf *kernel, const char *module)
{
	struct btf *btf = btf__load_module_btf(module, kernel);

	for (guint32 id = btf__type_cnt(kernel); btf && id < btf__type_cnt(btf); id++)
		look_at(search, btf, id, module);
	btf__free(btf);
}

static void look_in_modules(Search *search, struct btf *kernel)
{
	g_autoptr(GDir) folder = g_dir_open(MODULES, 0, NULL);
	const char *module;

	while (folder && (module = g_dir_read_name(folder)))
		if (strcmp(module, VMLINUX) != 0)
			look_in_module(search, kernel, module);
}

static void add_undescribed(Search *search)
{
	for (guint i = 0; i < G_N_ELEMENTS(undescribed); i++) {
		const KernelTarget found = {
			.name = (char *)undescribed[i].name,
			.is_indirect = undescribed[i].is_indirect,
		};

		if (is_wanted(search, found.name))
			add_target(search, &found);
	}
}

static gboolean is_pattern(const char *word)
{
	return strpbrk(word, "*?") != NULL;
}

static void search_init(Search *search, char **words)
{
	search->names = g_ptr_array_new();
	search->patterns = g_ptr_array_new_with_free_func((GDestroyNotify)g_pattern_spec_free);
	search->left_out = g_ptr_array_new_with_free_func((GDestroyNotify)g_pattern_spec_free);
	search->targets = g_ptr_array_new_with_free_func(target_free);
	search->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	for (char **word = words; *word; word++)
		if (is_pattern(g_strstrip(*word)))
			g_ptr_array_add(search->patterns, g_pattern_spec_new(*word));
		else if (**word != '\0')
			g_ptr_array_add(search->names, *word);
	for (guint i = 0; i < G_N_ELEMENTS(left_out); i++)
		g_ptr_array_add(search->left_out, g_pattern_spec_new(left_out[i]));
}

static GPtrArray *search_end(Search *search)
{
	g_ptr_array_unref(search->names);
	g_ptr_array_unref(search->patterns);
	g_ptr_array_unref(search->left_out);
	g_hash_table_unref(search->by_name);
	return search->targets;
}

static gint compare_targets(gconstpointer left, gconstpointer right)
{
	const KernelTarget *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

static gboolean check_count(const GPtrArray *targets, const char *names, GError **error)
{
	if (targets->len == 0)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "kernel:%s: there is no function or tracepoint of that name with a "
			    "packet (struct sk_buff) among its first %d arguments: 'xdpshark list "
			    "--kernel' shows what there is besides",
			    names, XDPSHARK_TARGET_ARGUMENTS);
	else if (targets->len > KERNEL_TARGETS_MAX)
		g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
			    "kernel:%s: these are %u functions and tracepoints: %d at most; name "
			    "fewer",
			    names, targets->len, KERNEL_TARGETS_MAX);
	else
		return TRUE;
	return FALSE;
}

GPtrArray *kernel_targets_find(struct btf *kernel, const char *names, GError **error)
{
	g_auto(GStrv) words = g_strsplit(names, ",", -1);
	g_autoptr(GPtrArray) targets = NULL;
	Search search;

	search_init(&search, words);
	for (guint32 id = 1; id < btf__type_cnt(kernel); id++)
		look_at(&search, kernel, id, NULL);
	add_undescribed(&search);
	if (search.patterns->len > 0 || search.targets->len < search.names->len)
		look_in_modules(&search, kernel);
	targets = search_end(&search);
	g_ptr_array_sort(targets, compare_targets);
	for (guint i = 0; i < targets->len; i++)
		((KernelTarget *)g_ptr_array_index(targets, i))->number = (guint16)(i + 1);
	return check_count(targets, names, error) ? g_steal_pointer(&targets) : NULL;
}
