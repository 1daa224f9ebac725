// SPDX-License-Identifier: GPL-2.0-or-later
#include "preempt_count.h"

#include <bpf/btf.h>
#include <string.h>

#define AREA	   ".data..percpu"
#define RUN_QUEUES "runqueues"
#define COUNT	   "__preempt_count"
/* In this struct from 6.2 to 6.14. */
#define HOT	   "pcpu_hot"
#define HOT_MEMBER "preempt_count"

#define DEPTH_MAX 4

/* The offset of a variable in the area; negative: it is not there. */
static gint64 find_variable(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, AREA, BTF_KIND_DATASEC);
	const struct btf_type *area = id > 0 ? btf__type_by_id(btf, (guint32)id) : NULL;
	const struct btf_var_secinfo *variables = area ? btf_var_secinfos(area) : NULL;

	for (guint i = 0; area && i < btf_vlen(area); i++) {
		const struct btf_type *variable = btf__type_by_id(btf, variables[i].type);

		if (variable && strcmp(btf__name_by_offset(btf, variable->name_off), name) == 0)
			return variables[i].offset;
	}
	return -1;
}

/* The offset of the member behind `from`, be it in structs and unions without names. */
static gint64 find_member(const struct btf *btf, guint32 id, gint64 from, guint depth)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	gint64 found = -1;

	for (guint i = 0; type && btf_is_composite(type) && i < btf_vlen(type) && found < 0; i++) {
		const struct btf_member *member = &btf_members(type)[i];
		const char *name = btf__name_by_offset(btf, member->name_off);
		gint64 offset = from + btf_member_bit_offset(type, i) / 8;

		if (strcmp(name, HOT_MEMBER) == 0)
			return offset;
		if (*name == '\0' && depth < DEPTH_MAX)
			found = find_member(btf, member->type, offset, depth + 1);
	}
	return found;
}

gint32 preempt_count_distance(const struct btf *kernel)
{
	gint64 queues = find_variable(kernel, RUN_QUEUES), count = find_variable(kernel, COUNT);
	gint64 hot = count < 0 ? find_variable(kernel, HOT) : -1;

	int id = hot >= 0 ? btf__find_by_name_kind(kernel, HOT, BTF_KIND_STRUCT) : 0;

	if (id > 0)
		count = find_member(kernel, (guint32)id, hot, 0);
	return queues < 0 || count < 0 ? 0 : (gint32)(count - queues);
}
