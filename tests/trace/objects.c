// SPDX-License-Identifier: GPL-2.0-or-later
/* objects: prints the ids of all BPF programs, maps and links there are, a line each. bpftool would
 * need programs of its own for it. */
#include <stdio.h>

#include <bpf/bpf.h>

static void print_all(const char *kind, int (*next)(__u32, __u32 *))
{
	__u32 id = 0;

	while (next(id, &id) == 0)
		printf("%s %u\n", kind, id);
}

int main(void)
{
	print_all("program", bpf_prog_get_next_id);
	print_all("map", bpf_map_get_next_id);
	print_all("link", bpf_link_get_next_id);
	return 0;
}
