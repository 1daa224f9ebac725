// SPDX-License-Identifier: GPL-2.0-or-later
#include "drop_reason.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <string.h>
#include <unistd.h>

#include "program_error.h"

#define TRACEPOINT  "btf_trace_kfree_skb"
/* Its arguments, and in front of them what the tracing program was registered with. */
#define WITH_REASON 4

/* The core's reasons, and those of subsystems: "mac80211_drop_reason". */
#define CORE	 "skb_drop_reason"
#define SUFFIX	 "_drop_reason"
#define PREFIX	 "SKB_DROP_REASON_"
#define CORE_MAX 0xffff

/* Names that stand for no reason, but for a mask or for where a subsystem's begin. */
static const char *const others[] = { PREFIX "MAX", PREFIX "SUBSYS_MASK" };

static void reason_free(gpointer data)
{
	DropReason *reason = data;

	g_free(reason->name);
	g_free(reason);
}

void drop_reasons_free(DropReasons *reasons)
{
	if (!reasons)
		return;
	g_ptr_array_unref(reasons->names);
	g_free(reasons);
}

static gboolean is_other(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(name, others[i]) == 0)
			return TRUE;
	return g_str_has_prefix(name, "__");
}

static const char *without_prefix(const char *name)
{
	return g_ascii_strncasecmp(name, PREFIX, strlen(PREFIX)) == 0 ? name + strlen(PREFIX)
								      : name;
}

static gboolean is_known(const DropReasons *reasons, guint32 number)
{
	for (guint i = 0; i < reasons->names->len; i++)
		if (((const DropReason *)g_ptr_array_index(reasons->names, i))->number == number)
			return TRUE;
	return FALSE;
}

static void add_enum(DropReasons *reasons, const struct btf *btf, const struct btf_type *type)
{
	const struct btf_enum *values = btf_enum(type);
	gboolean core = strcmp(btf__name_by_offset(btf, type->name_off), CORE) == 0;

	for (guint i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, values[i].name_off);
		guint32 number = (guint32)values[i].val;
		DropReason *reason;

		if (is_other(name) || (number <= CORE_MAX) != core || is_known(reasons, number))
			continue;
		reason = g_new(DropReason, 1);
		*reason = (DropReason){ number, g_strdup(without_prefix(name)) };
		g_ptr_array_add(reasons->names, reason);
	}
}

static void add_enums(DropReasons *reasons, const struct btf *btf, guint32 first)
{
	for (guint32 id = first; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_is_enum(type) &&
		    g_str_has_suffix(btf__name_by_offset(btf, type->name_off), SUFFIX))
			add_enum(reasons, btf, type);
	}
}

static gboolean is_of_module(guint32 id)
{
	char name[64] = "";
	struct bpf_btf_info info = { .name = (guintptr)name, .name_len = sizeof(name) };
	guint32 size = sizeof(info);
	int fd = bpf_btf_get_fd_by_id(id);
	gboolean found = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
			 info.kernel_btf && strcmp(name, "vmlinux") != 0;

	if (fd >= 0)
		close(fd);
	return found;
}

/* Their types follow those of the kernel. */
static void add_modules(DropReasons *reasons, struct btf *kernel)
{
	guint32 id = 0;

	while (bpf_btf_get_next_id(id, &id) == 0) {
		struct btf *module =
			is_of_module(id) ? btf__load_from_kernel_by_id_split(id, kernel) : NULL;

		if (module)
			add_enums(reasons, module, btf__type_cnt(kernel));
		btf__free(module);
	}
}

/* The number of arguments of the tracepoint, or -1. */
static int count_arguments(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, TRACEPOINT, BTF_KIND_TYPEDEF);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (guint32)id) : NULL;

	type = type ? btf__type_by_id(btf, type->type) : NULL;
	type = type && btf_is_ptr(type) ? btf__type_by_id(btf, type->type) : NULL;
	return type && btf_is_func_proto(type) ? btf_vlen(type) : -1;
}

DropReasons *drop_reasons_read(struct btf *kernel, GError **error)
{
	int arguments = count_arguments(kernel);
	DropReasons *reasons;

	if (arguments < 0) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "this kernel does not describe the tracepoint kfree_skb");
		return NULL;
	}
	reasons = g_new0(DropReasons, 1);
	reasons->names = g_ptr_array_new_with_free_func(reason_free);
	reasons->known = arguments >= WITH_REASON;
	add_enums(reasons, kernel, 1);
	add_modules(reasons, kernel);
	return reasons;
}

gboolean drop_reasons_find(const DropReasons *reasons, const char *name, guint32 *ret_number)
{
	name = without_prefix(name);
	for (guint i = 0; i < reasons->names->len; i++) {
		const DropReason *reason = g_ptr_array_index(reasons->names, i);

		if (g_ascii_strcasecmp(reason->name, name) != 0)
			continue;
		*ret_number = reason->number;
		return TRUE;
	}
	return FALSE;
}
