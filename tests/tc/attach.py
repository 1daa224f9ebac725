#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""attach.py WHERE PROGRAM DEVICE: attaches a pinned program where tc and bpftool of Debian 12 do not know to: tcx_ingress,
tcx_egress, netkit_primary. attach.py netkit DEVICE: makes such a device with a peer. Exit status 77: the kernel has none."""
import ctypes
import errno
import platform
import socket
import struct
import sys

PLACES = {"tcx_ingress": 46, "tcx_egress": 47, "netkit_primary": 54}
BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def give_up(code):
    sys.exit(77 if code in (errno.EINVAL, errno.EOPNOTSUPP) else f"attach.py: {errno.errorcode[code]}")


def bpf(command, attributes):
    room = ctypes.create_string_buffer(attributes.ljust(128, b"\0"))
    result = libc.syscall(BPF, command, room, 128)
    return result if result >= 0 else give_up(ctypes.get_errno())


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def make_netkit(name):
    body = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + attribute(3, name.encode() + b"\0") + attribute(18, attribute(1, b"netkit"))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as link:
        link.send(struct.pack("=IHHII", 16 + len(body), 16, 0x605, 1, 0) + body)
        code = -struct.unpack_from("=i", link.recv(4096), 16)[0]
    if code:
        give_up(code)


if sys.argv[1] == "netkit":
    make_netkit(sys.argv[2])
    sys.exit()
where, path, device = sys.argv[1:]
path = ctypes.create_string_buffer(path.encode())
program = bpf(7, struct.pack("=QII", ctypes.addressof(path), 0, 0))  # BPF_OBJ_GET
bpf(8, struct.pack("=IIII", socket.if_nametoindex(device), program, PLACES[where], 0))  # BPF_PROG_ATTACH
