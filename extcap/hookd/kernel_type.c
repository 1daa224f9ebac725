// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_type.h"

#include <linux/btf.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

/* Limit for nested structs. */
#define DEPTH_MAX 16

struct KernelTypes {
	guint8 *data;
	GPtrArray *types; /* const struct btf_type *, by id; 0 is void */
	const char *strings;
	gsize strings_size;
};

/* What follows a type: a fixed number of bytes, and some for each of its vlen. Kinds from
 * BTF_KIND_DATASEC on came with kernels 5.2 to 6.0. */
static const struct {
	guint8 fixed, each;
} tails[] = {
	[1] = { 4, 0 },	  /* INT */
	[2] = { 0, 0 },	  /* PTR */
	[3] = { 12, 0 },  /* ARRAY */
	[4] = { 0, 12 },  /* STRUCT */
	[5] = { 0, 12 },  /* UNION */
	[6] = { 0, 8 },	  /* ENUM */
	[7] = { 0, 0 },	  /* FWD */
	[8] = { 0, 0 },	  /* TYPEDEF */
	[9] = { 0, 0 },	  /* VOLATILE */
	[10] = { 0, 0 },  /* CONST */
	[11] = { 0, 0 },  /* RESTRICT */
	[12] = { 0, 0 },  /* FUNC */
	[13] = { 0, 8 },  /* FUNC_PROTO */
	[14] = { 4, 0 },  /* VAR */
	[15] = { 0, 12 }, /* DATASEC */
	[16] = { 0, 0 },  /* FLOAT */
	[17] = { 4, 0 },  /* DECL_TAG */
	[18] = { 0, 0 },  /* TYPE_TAG */
	[19] = { 0, 12 }, /* ENUM64 */
};

void kernel_types_free(KernelTypes *types)
{
	if (!types)
		return;
	g_ptr_array_unref(types->types);
	g_free(types->data);
	g_free(types);
}

int kernel_btf_open(const char *name, guint32 *ret_size)
{
	guint32 id = 0;

	while (bpf_btf_get_next_id(id, &id) == 0) {
		char found[64] = "";
		struct bpf_btf_info info = { .name = (guintptr)found, .name_len = sizeof(found) };
		guint32 length = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		*ret_size = 0;
		if (bpf_obj_get_info_by_fd(fd, &info, &length) == 0 && info.kernel_btf &&
		    strcmp(found, name) == 0) {
			*ret_size = info.btf_size;
			return fd;
		}
		close(fd);
	}
	return -1;
}

static guint8 *read_data(guint32 *ret_size)
{
	int fd = kernel_btf_open("vmlinux", ret_size);
	struct bpf_btf_info info = { .btf_size = *ret_size };
	guint32 length = sizeof(info);
	guint8 *data;

	if (fd < 0)
		return NULL;
	data = g_malloc(*ret_size);
	info.btf = (guintptr)data;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0 || info.btf_size != *ret_size)
		g_clear_pointer(&data, g_free);
	close(fd);
	return data;
}

/* FALSE if there is an unknown kind: nothing behind it can be found. */
static gboolean index_types(KernelTypes *types, const guint8 *at, const guint8 *end)
{
	g_ptr_array_add(types->types, NULL);
	while ((gsize)(end - at) >= sizeof(struct btf_type)) {
		const struct btf_type *type = (const void *)at;
		guint32 kind = BTF_INFO_KIND(type->info);
		gsize size;

		if (kind == 0 || kind >= G_N_ELEMENTS(tails))
			return FALSE;
		size = sizeof(*type) + tails[kind].fixed +
		       (gsize)tails[kind].each * BTF_INFO_VLEN(type->info);
		if (size > (gsize)(end - at))
			return FALSE;
		g_ptr_array_add(types->types, (gpointer)type);
		at += size;
	}
	return at == end;
}

static gboolean read_header(KernelTypes *types, guint32 size)
{
	const struct btf_header *header = (const void *)types->data;
	guint64 start, strings;

	if (size < sizeof(*header) || header->magic != BTF_MAGIC)
		return FALSE;
	start = (guint64)header->hdr_len + header->type_off;
	strings = (guint64)header->hdr_len + header->str_off;
	if (start % sizeof(guint32) != 0 || start + header->type_len > size ||
	    strings + header->str_len > size || header->str_len == 0)
		return FALSE;
	types->strings = (const char *)types->data + strings;
	types->strings_size = header->str_len;
	if (types->strings[types->strings_size - 1] != '\0')
		return FALSE;
	return index_types(types, types->data + start, types->data + start + header->type_len);
}

KernelTypes *kernel_types_read(void)
{
	KernelTypes *types = g_new0(KernelTypes, 1);
	guint32 size;

	types->types = g_ptr_array_new();
	types->data = read_data(&size);
	if (types->data && read_header(types, size))
		return types;
	kernel_types_free(types);
	return NULL;
}

static const char *name_at(const KernelTypes *types, guint32 offset)
{
	return offset < types->strings_size ? types->strings + offset : "";
}

void kernel_types_find(const KernelTypes *types, KernelTypeQuery *queries, guint count)
{
	for (guint id = 1; id < types->types->len; id++) {
		const struct btf_type *type = g_ptr_array_index(types->types, id);
		guint32 kind = BTF_INFO_KIND(type->info);

		if (kind != BTF_KIND_FUNC && kind != BTF_KIND_STRUCT)
			continue;
		for (guint i = 0; i < count; i++)
			if (queries[i].kind == kind && queries[i].id == 0 &&
			    strcmp(name_at(types, type->name_off), queries[i].name) == 0)
				queries[i].id = id;
	}
}

/* The struct or union behind typedefs, const and the like; NULL if it is something else. */
static const struct btf_type *composite(const KernelTypes *types, guint32 id)
{
	for (guint i = 0; i < DEPTH_MAX && id > 0 && id < types->types->len; i++) {
		const struct btf_type *type = g_ptr_array_index(types->types, id);

		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			return type;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
			id = type->type;
			break;
		default:
			return NULL;
		}
	}
	return NULL;
}

static guint32 find_member(const KernelTypes *types, guint32 id, const char *name, guint32 *offset,
			   guint depth)
{
	const struct btf_type *type = composite(types, id);
	const struct btf_member *members = (const void *)(type + 1);

	for (guint i = 0; type && depth < DEPTH_MAX && i < BTF_INFO_VLEN(type->info); i++) {
		const char *member = name_at(types, members[i].name_off);
		guint32 bits = BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(members[i].offset)
							  : members[i].offset;
		guint32 within = *offset + bits / 8, found = 0;

		if (strcmp(member, name) == 0)
			found = members[i].type;
		else if (*member == '\0')
			found = find_member(types, members[i].type, name, &within, depth + 1);
		if (found == 0)
			continue;
		*offset = within;
		return found;
	}
	return 0;
}

guint32 kernel_types_member(const KernelTypes *types, guint32 id, const char *name, guint32 *offset)
{
	return find_member(types, id, name, offset, 0);
}
