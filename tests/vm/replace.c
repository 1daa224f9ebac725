/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaches the dispatcher to a device and puts an XDP program into its place, as libxdp does.
 *
 * usage: replace DISPATCHER OBJECT DEVICE [FUNCTION]
 *
 * FUNCTION: whose place it takes (component).
 * Pins the program and its link below /sys/fs/bpf. Exit status 77: this kernel refuses programs
 * that replace others.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int fail(const char *what, int error)
{
	fprintf(stderr, "replace: %s: %s\n", what, strerror(-error));
	return error == -EPERM ? 77 : 1;
}

int main(int argc, char **argv)
{
	struct bpf_object *dispatcher, *object;
	struct bpf_program *program;
	struct bpf_link *link;
	const char *function = argc > 4 ? argv[4] : "component";
	unsigned int ifindex;
	int fd, error;

	if (argc < 4 || (ifindex = if_nametoindex(argv[3])) == 0) {
		fprintf(stderr, "usage: replace DISPATCHER OBJECT DEVICE [FUNCTION]\n");
		return 2;
	}
	dispatcher = bpf_object__open(argv[1]);
	object = bpf_object__open(argv[2]);
	if (!dispatcher || !object)
		return fail("cannot open the objects", -errno);
	error = bpf_object__load(dispatcher);
	if (error)
		return fail("cannot load the dispatcher", error);
	fd = bpf_program__fd(bpf_object__next_program(dispatcher, NULL));
	program = bpf_object__next_program(object, NULL);
	bpf_program__set_type(program, BPF_PROG_TYPE_EXT);
	bpf_program__set_expected_attach_type(program, 0);
	error = bpf_program__set_attach_target(program, fd, function);
	if (error)
		return fail("the dispatcher has no place", error);
	error = bpf_object__load(object);
	if (error)
		return fail("cannot load the program", error);
	link = bpf_program__attach_freplace(program, fd, function);
	if (!link)
		return fail("cannot replace", -errno);
	error = bpf_link__pin(link, "/sys/fs/bpf/replacement");
	if (error)
		return fail("cannot pin the link", error);
	error = bpf_program__pin(program, "/sys/fs/bpf/replacing");
	if (error)
		return fail("cannot pin the program", error);
	error = bpf_xdp_attach((int)ifindex, fd, XDP_FLAGS_DRV_MODE, NULL);
	return error ? fail("cannot attach the dispatcher", error) : 0;
}
