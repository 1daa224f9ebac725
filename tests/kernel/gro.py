#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gro.py TUN PORT COUNT OTHER: a TAP device, made by TUN, gets COUNT segments of a TCP connection to PORT, which GRO
joins to each other, and then as many to port OTHER, which it cannot join: for some of these there are skbs that were the
others'."""
import fcntl
import os
import socket
import struct
import subprocess
import sys

TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NAPI, IFF_NO_PI = 0x2, 0x10, 0x1000
PAYLOAD = b"." * 500
NAME = "gro0"
MAC = "02:00:00:00:00:07"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def headers(port, sequence):
    addresses = socket.inet_aton("10.7.0.1") + socket.inet_aton("10.7.0.2")
    tcp = struct.pack("!HHIIBBHHH", 40000, port, sequence, 1, 0x50, 0x10, 1024, 0, 0)
    total = checksum(addresses + struct.pack("!HH", 6, len(tcp + PAYLOAD)) + tcp + PAYLOAD)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp + PAYLOAD), 1, 0x4000, 64, 6, 0) + addresses
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return bytes.fromhex(MAC.replace(":", "") + "020000000008" + "0800") + ip + tcp


def open_tap(path, name):
    tap = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_NAPI))
    subprocess.run(["ip", "link", "set", name, "address", MAC], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    return tap


def main():
    path, port, count, other = sys.argv[1:]
    tap = open_tap(path, NAME)
    # What was handed over stays where it is, for the next one to be joined to it.
    with open(f"/sys/class/net/{NAME}/gro_flush_timeout", "w", encoding="ascii") as timeout:
        timeout.write(str(10 ** 9))
    for i in range(int(count)):
        os.writev(tap, [headers(int(port), 1 + i * len(PAYLOAD)), PAYLOAD])
    for i in range(int(count)):
        os.writev(tap, [headers(int(other), 1 + 2 * i * len(PAYLOAD)), PAYLOAD])


main()
