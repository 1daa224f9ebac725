// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_function.h"

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* The main function comes first. */
static gboolean read_first(int fd, guint32 *ret_btf, struct bpf_func_info *ret_function)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.btf_id == 0 ||
	    info.nr_func_info == 0)
		return FALSE;
	*ret_btf = info.btf_id;
	info = (struct bpf_prog_info){
		.nr_func_info = 1,
		.func_info_rec_size = sizeof(*ret_function),
		.func_info = (guintptr)ret_function,
	};
	size = sizeof(info);
	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.nr_func_info > 0;
}

char *xdp_function_name(int program_fd)
{
	struct bpf_func_info function = { 0 };
	const struct btf_type *type;
	char *name = NULL;
	struct btf *btf;
	guint32 id;

	if (!read_first(program_fd, &id, &function))
		return NULL;
	btf = btf__load_from_kernel_by_id(id);
	type = btf ? btf__type_by_id(btf, function.type_id) : NULL;
	if (type)
		name = g_strdup(btf__name_by_offset(btf, type->name_off));
	btf__free(btf);
	return name;
}

guint32 xdp_function_id(int program_fd)
{
	struct bpf_func_info function = { 0 };
	guint32 btf;

	return read_first(program_fd, &btf, &function) ? function.type_id : 0;
}
