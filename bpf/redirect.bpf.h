/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a redirected packet goes to.
 */
#ifndef XDPSHARK_REDIRECT_BPF_H
#define XDPSHARK_REDIRECT_BPF_H

#include "kernel.bpf.h"
#include "program_record.h"
#include "socket.bpf.h"

extern struct bpf_redirect_info bpf_redirect_info __ksym __weak;

/* The kernel's note of the last redirect: the task's from 6.11 on, before that the CPU's. */
static __always_inline struct bpf_redirect_info *redirect_info(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct bpf_net_context *context;

	if (!bpf_core_field_exists(task->bpf_net_context))
		return &bpf_redirect_info ? bpf_this_cpu_ptr(&bpf_redirect_info) : (void *)0;
	context = BPF_CORE_READ(task, bpf_net_context);
	return context ? &context->ri : (void *)0;
}

/* No map: what bpf_redirect() leaves. */
#define NO_MAP 0x7fffffff

/* Which map, and of what type: from 5.14 on that is noted beside it. */
static __always_inline void write_map(struct xdpshark_program_extra *extra,
				      struct bpf_redirect_info *info)
{
	struct bpf_map *map;

	if (bpf_core_field_exists(info->map_type)) {
		extra->map = BPF_CORE_READ(info, map_id);
		extra->map_type = BPF_CORE_READ(info, map_type);
		if (extra->map == NO_MAP)
			extra->map = 0;
		return;
	}
	map = BPF_CORE_READ(info, map);
	if (!map)
		return;
	extra->map = BPF_CORE_READ(map, id);
	extra->map_type = BPF_CORE_READ(map, map_type);
}

static __always_inline void write_index(struct xdpshark_program_extra *extra,
					struct bpf_redirect_info *info)
{
	__u64 index = 0;

	/* Little-endian: half of it is read where it is half as long. */
	bpf_probe_read_kernel(&index, bpf_core_field_size(info->tgt_index) == 8 ? 8 : 4,
			      &info->tgt_index);
	extra->target = index;
	extra->flags |= XDPSHARK_TARGET;
}

/* Programs of tc only redirect to devices. */
static __always_inline void write_device(struct xdpshark_program_extra *extra)
{
	struct bpf_redirect_info *info = redirect_info();

	if (info)
		write_index(extra, info);
}

static __always_inline void write_target(struct xdpshark_program_extra *extra)
{
	struct bpf_redirect_info *info = redirect_info();

	if (!info)
		return;
	write_map(extra, info);
	write_index(extra, info);
	/* The element: a struct xdp_sock, which begins with its struct sock. */
	if (extra->map && extra->map_type == BPF_MAP_TYPE_XSKMAP)
		extra->socket = socket_inode(BPF_CORE_READ(info, tgt_value));
}

#endif /* XDPSHARK_REDIRECT_BPF_H */
