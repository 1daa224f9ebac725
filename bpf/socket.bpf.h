/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be read of a struct sock.
 */
#ifndef XDPSHARK_SOCKET_BPF_H
#define XDPSHARK_SOCKET_BPF_H

#include "kernel.bpf.h"

struct inode {
	unsigned long i_ino;
} KERNEL_TYPE;

struct socket {
	short type;
} KERNEL_TYPE;

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
} KERNEL_TYPE;

/* AF_XDP */
#define FAMILY_XDP 44

static __always_inline int is_xdp_socket(struct sock *socket)
{
	return socket && BPF_CORE_READ(socket, __sk_common.skc_family) == FAMILY_XDP;
}

/* The number of its inode, by which /proc and ss know it; 0: it has none any more. */
static __always_inline __u64 socket_inode(struct sock *sock)
{
	/* The first member of its struct socket_alloc. */
	struct socket_alloc *socket = (void *)BPF_CORE_READ(sock, sk_socket);

	return socket ? BPF_CORE_READ(socket, vfs_inode.i_ino) : 0;
}

#endif /* XDPSHARK_SOCKET_BPF_H */
