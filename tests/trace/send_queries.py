#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# send_queries.py DEVICE: sends UDP packets out of it: a short and a long one to port 53, a long one to port 54.
import socket
import struct
import sys

sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((sys.argv[1], 0))
for port, size in ((53, 30), (53, 150), (54, 150)):
    udp = struct.pack("!HHHH", 32768, port, 8 + size, 0) + bytes(size)
    ip = struct.pack("!BBHHHBBH8s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes([10, 9, 0, 1, 10, 9, 0, 2]))
    total = sum(struct.unpack("!10H", ip))
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    ip = ip[:10] + struct.pack("!H", total) + ip[12:]
    sender.send(bytes.fromhex("0200000000010200000000020800") + ip + udp)
