// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_target.h"

#include <bpf/btf.h>
#include <string.h>

#include "point.h"

#define PACKET		  "sk_buff"
#define TRACEPOINT_PREFIX "btf_trace_"
#define ARGUMENTS_MAX	  5

static void target_free(gpointer data)
{
	KernelTarget *target = data;

	g_free(target->name);
	g_free(target);
}

guint kernel_target_kind(const KernelTarget *target)
{
	if (!target)
		return 0;
	return target->is_tracepoint ? 1 : 2;
}

/* Behind const and the like. */
static const struct btf_type *bare_type(const struct btf *btf, guint32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static gboolean is_packet(const struct btf *btf, guint32 id)
{
	const struct btf_type *type = bare_type(btf, id);

	type = type && btf_is_ptr(type) ? bare_type(btf, type->type) : NULL;
	return type && btf_is_struct(type) &&
	       strcmp(btf__name_by_offset(btf, type->name_off), PACKET) == 0;
}

/* Which of the arguments from the first one on is a packet, or -1. */
static gint find_argument(const struct btf *btf, const struct btf_type *proto, guint first)
{
	const struct btf_param *params = btf_params(proto);

	for (guint i = first; i < btf_vlen(proto) && i < first + ARGUMENTS_MAX; i++)
		if (is_packet(btf, params[i].type))
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

static gboolean is_wanted(const GPtrArray *patterns, const char *name)
{
	for (guint i = 0; i < patterns->len; i++)
		if (g_pattern_spec_match_string(g_ptr_array_index(patterns, i), name))
			return TRUE;
	return FALSE;
}

static void add_target(GPtrArray *targets, const char *name, gboolean is_tracepoint, guint argument)
{
	KernelTarget *target;

	for (guint i = 0; i < targets->len; i++) {
		target = g_ptr_array_index(targets, i);
		if (strcmp(target->name, name) != 0)
			continue;
		if (is_tracepoint) {
			target->is_tracepoint = TRUE;
			target->argument = (guint8)argument;
		}
		return;
	}
	target = g_new0(KernelTarget, 1);
	target->name = g_strdup(name);
	target->is_tracepoint = is_tracepoint;
	target->argument = (guint8)argument;
	g_ptr_array_add(targets, target);
	target->number = (guint16)targets->len;
}

static GPtrArray *parse_patterns(const char *names)
{
	g_auto(GStrv) words = g_strsplit(names, ",", -1);
	GPtrArray *patterns = g_ptr_array_new_with_free_func((GDestroyNotify)g_pattern_spec_free);

	for (char **word = words; *word; word++)
		if (*g_strstrip(*word) != '\0')
			g_ptr_array_add(patterns, g_pattern_spec_new(*word));
	return patterns;
}

static gboolean check_count(const GPtrArray *targets, const char *names, GError **error)
{
	if (targets->len == 0)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "kernel:%s: there is no function or tracepoint of that name with a "
			    "packet (struct sk_buff) among its first %d arguments: 'xdpshark list "
			    "--kernel' shows what there is besides",
			    names, ARGUMENTS_MAX);
	else if (targets->len > KERNEL_TARGETS_MAX)
		g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
			    "kernel:%s: these are %u functions and tracepoints: %d at most; name "
			    "fewer",
			    names, targets->len, KERNEL_TARGETS_MAX);
	else
		return TRUE;
	return FALSE;
}

GPtrArray *kernel_targets_find(const struct btf *kernel, const char *names, GError **error)
{
	g_autoptr(GPtrArray) targets = g_ptr_array_new_with_free_func(target_free);
	g_autoptr(GPtrArray) patterns = parse_patterns(names);

	for (guint32 id = 1; id < btf__type_cnt(kernel); id++) {
		const struct btf_type *type = btf__type_by_id(kernel, id), *proto;
		const char *name;
		guint first;
		gint argument;

		if (!btf_is_func(type) && !btf_is_typedef(type))
			continue;
		proto = read_type(kernel, type, &name, &first);
		if (!proto || !btf_is_func_proto(proto) || !is_wanted(patterns, name))
			continue;
		argument = find_argument(kernel, proto, first);
		if (argument >= 0)
			add_target(targets, name, first > 0, (guint)argument);
	}
	return check_count(targets, names, error) ? g_steal_pointer(&targets) : NULL;
}
