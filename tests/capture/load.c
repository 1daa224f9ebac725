/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads an XDP object with libbpf and attaches it, as programs of their own do it.
 *
 * usage: load OBJECT DEVICE native|generic ATTACH_TYPE
 *
 * Its maps are pinned as the object says. ATTACH_TYPE (of enum bpf_attach_type): 37 is XDP, which
 * libbpf would set by itself; 0 is what loaders without libbpf leave. Pins the program at
 * /sys/fs/bpf/DEVICE.
 */
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int fail(const char *what, int error)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(-error));
	return 1;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program;
	char pin[64];
	unsigned int ifindex;
	int error;

	if (argc != 5 || (ifindex = if_nametoindex(argv[2])) == 0) {
		fprintf(stderr, "usage: load OBJECT DEVICE native|generic ATTACH_TYPE\n");
		return 2;
	}
	object = bpf_object__open(argv[1]);
	error = libbpf_get_error(object);
	if (error)
		return fail("cannot open the object", error);
	program = bpf_object__next_program(object, NULL);
	bpf_program__set_expected_attach_type(program,
					      (enum bpf_attach_type)strtol(argv[4], NULL, 10));
	error = bpf_object__load(object);
	if (error)
		return fail("cannot load the object", error);
	snprintf(pin, sizeof(pin), "/sys/fs/bpf/%s", argv[2]);
	error = bpf_program__pin(program, pin);
	if (error)
		return fail("cannot pin the program", error);
	error = bpf_xdp_attach(
		(int)ifindex, bpf_program__fd(program),
		strcmp(argv[3], "native") == 0 ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE, NULL);
	bpf_object__close(object);
	return error ? fail("cannot attach the program", error) : 0;
}
