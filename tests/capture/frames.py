#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a pcap file of frames in all sizes that matter to a filter's bounds; with LINKTYPE 101 without Ethernet.

usage: frames.py FILE [LINKTYPE [SNAPLEN]]
"""

import struct
import sys


def ethernet(kind, payload):
    return bytes.fromhex("020000000002 020000000001".replace(" ", "")) + struct.pack(">H", kind) + payload


def ipv4(protocol, payload, fragment=0, options=b""):
    words = 5 + len(options) // 4
    length = words * 4 + len(payload)
    return struct.pack(
        ">BBHHHBBH4s4s", 0x40 | words, 0, length & 0xFFFF, 1, fragment, 64, protocol, 0,
        bytes([10, 9, 0, 1]), bytes([10, 9, 0, 2])) + options + payload


def udp(port, size):
    return struct.pack(">HHHH", 40000, port, 8 + size & 0xFFFF, 0) + bytes(size)


def frames():
    whole = ethernet(0x0800, ipv4(17, udp(53, 20)))
    yield from (whole[:size] for size in (1, 13, 14, 23, 33, 34, 37, 38, 42))
    yield whole
    yield ethernet(0x0800, ipv4(17, udp(54, 20)))
    yield ethernet(0x0800, ipv4(17, udp(53, 20), options=bytes(8)))
    yield ethernet(0x0800, ipv4(17, udp(53, 20), fragment=100))
    yield ethernet(0x8100, struct.pack(">HH", 7, 0x0800) + ipv4(17, udp(53, 20)))
    yield ethernet(0x0806, bytes(28))
    # Around what the kernel shows of a frame, and beyond.
    yield from (ethernet(0x0800, ipv4(17, udp(53, size - 42))) for size in (1514, 3519, 3520, 3521, 9014, 65535))


def main():
    link = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    snaplen = int(sys.argv[3]) if len(sys.argv) > 3 else 262144
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
        whole = [frame[14:] for frame in frames() if len(frame) > 14] if link == 101 else frames()
        for number, frame in enumerate(whole):
            cut = frame[:snaplen]
            file.write(struct.pack("=IIII", 1700000000, number, len(cut), len(frame)) + cut)


main()
