#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""send.py DEVICE TO FROM FIRST COUNT: sends UDP packets out of the device, to the ports from 2001 to 2008 in turn, each
with its number, from FIRST on, at the beginning of its payload (see decide.bpf.c)."""
import socket
import struct
import sys

device, target, source, first, count = sys.argv[1:]
link = bytes.fromhex((target + source).replace(":", ""))
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((device, 0))
for number in range(int(first), int(first) + int(count)):
    payload = struct.pack("<I", number).ljust(30, b".")
    udp = struct.pack("!HHHH", 40000, 2001 + number % 8, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([10, 9, 0, 1]), bytes([10, 9, 0, 2]))
    total = sum(struct.unpack("!10H", ip))
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    try:
        sender.send(link + struct.pack("!H", 0x800) + ip[:10] + struct.pack("!H", total) + ip[12:] + udp)
    except OSError:
        pass  # where a program drops it on its way out
