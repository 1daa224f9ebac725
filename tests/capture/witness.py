#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints "PORT NUMBER" of each packet of send.py that arrives at a device, until it is killed."""

import socket
import struct
import sys

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
UDP_HEADER = 14 + 20
PAYLOAD = UDP_HEADER + 8


def is_udp(frame):
    return len(frame) > PAYLOAD and frame[12:15] == b"\x08\x00\x45" and frame[23] == socket.IPPROTO_UDP


def main():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
        listener.bind((sys.argv[1], ETH_P_ALL))
        print("ready", flush=True)
        while True:
            frame, address = listener.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING or not is_udp(frame):
                continue
            (length,) = struct.unpack_from(">H", frame, UDP_HEADER + 4)
            print(frame[PAYLOAD : UDP_HEADER + length].decode().rstrip(" "), flush=True)


main()
