#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts UDP packets into a tun device, as if they had come out of a tunnel: IPv4, or IPv6 with -6.

usage: tun.py [-6] DEVICE PORT...
"""

import fcntl
import os
import struct
import sys
import time

# Of linux/if_tun.h.
TUNSETIFF = 0x400454CA
IFF_TUN = 1
IFF_NO_PI = 0x1000


def packet(port, version, text):
    udp = struct.pack(">HHHH", 40000, port, 8 + len(text), 0) + text
    if version == 6:
        return struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + udp
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                       bytes([10, 8, 0, 1]), bytes([10, 8, 0, 2])) + udp


def main():
    version = 4
    arguments = sys.argv[1:]
    if arguments[0] == "-6":
        version = 6
        arguments.pop(0)
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", arguments[0].encode(), IFF_TUN | IFF_NO_PI))
    # Down and up again it takes a moment to be running.
    deadline = time.monotonic() + 10
    for port in map(int, arguments[1:]):
        while True:
            try:
                os.write(tun, packet(port, version, b"%d" % port))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


main()
