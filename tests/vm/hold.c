/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaches a program to a device, and puts programs at key 1 of its devmap and its cpumap, and at
 * key 4000000000 of its devmap with hashed keys.
 *
 * usage: hold OBJECT DEVICE OTHER_DEVICE
 *
 * Devmaps lead to the other device, the cpumap to CPU 1. All stays as long as the program is
 * attached.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define KEY	   1
#define HASHED_KEY 4000000000U

static int program_fd(const struct bpf_object *object, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

int main(int argc, char **argv)
{
	struct bpf_devmap_val port = { 0 };
	struct bpf_cpumap_val cpu = { .qsize = 64 };
	const __u32 key = KEY, hashed_key = HASHED_KEY;
	struct bpf_object *object;

	if (argc != 4) {
		fprintf(stderr, "usage: hold OBJECT DEVICE OTHER_DEVICE\n");
		return 2;
	}
	object = bpf_object__open(argv[1]);
	if (!object || bpf_object__load(object) < 0) {
		fprintf(stderr, "hold: cannot load %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	port.ifindex = if_nametoindex(argv[3]);
	port.bpf_prog.fd = program_fd(object, "on_the_way_out");
	cpu.bpf_prog.fd = program_fd(object, "on_another_cpu");
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "held_ports"), &key, &port,
				BPF_ANY) < 0 ||
	    bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "hashed_ports"),
				&hashed_key, &port, BPF_ANY) < 0 ||
	    bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "held_cpus"), &key, &cpu,
				BPF_ANY) < 0 ||
	    bpf_xdp_attach((int)if_nametoindex(argv[2]), program_fd(object, "director"),
			   XDP_FLAGS_DRV_MODE, NULL) < 0) {
		fprintf(stderr, "hold: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
