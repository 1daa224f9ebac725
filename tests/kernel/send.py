#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""send.py DEVICE KEY=VALUE... [, KEY=VALUE...]...: sends an Ethernet frame with IPv4 and UDP as it is told to, right or wrong.
With tcp=1 a TCP segment that opens a connection. A device tun:NAME is made, and gets the packet without Ethernet.

to, from: MAC addresses; source, target: IPv4 addresses; port; ttl; size: of the UDP payload; df=1; ip_sum, udp_sum:
instead of the right ones; tag: VLAN id; count; step: from port to port of these. The payload begins with the port's number. Behind a comma begins the
next frame, which has what the first one has but for what it says itself."""
import fcntl
import os
import socket
import struct
import sys


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def transport(options, source, target):
    port, size = int(options["port"]), int(options.get("size", 18))
    payload = str(port).encode().ljust(size, b".")
    if options.get("tcp"):
        number, at = 6, 16
        segment = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 0x50, 2, 1024, 0, 0)
    else:
        number, at = 17, 6
        segment = struct.pack("!HHHH", 40000, port, 8 + size, 0) + payload
    right = checksum(source + target + struct.pack("!BBH", 0, number, len(segment)) + segment) or 0xffff
    return number, segment[:at] + struct.pack("!H", int(options.get("udp_sum", right))) + segment[at + 2:]


def packet(options):
    source, target = (socket.inet_aton(options[key]) for key in ("source", "target"))
    number, segment = transport(options, source, target)
    flags = 0x4000 if options.get("df") else 0
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, flags, int(options.get("ttl", 64)), number, 0, source, target)
    return ip[:10] + struct.pack("!H", int(options.get("ip_sum", checksum(ip)))) + ip[12:] + segment


def frame(options):
    link = b"".join(bytes.fromhex(options[key].replace(":", "")) for key in ("to", "from"))
    if "tag" in options:
        link += struct.pack("!HH", 0x8100, int(options["tag"]))
    return link + struct.pack("!H", 0x800) + packet(options)


def read_frames(arguments):
    frames = [{}]
    for argument in filter(None, arguments):
        if argument == ",":
            frames.append(dict(frames[0]))
        else:
            key, value = argument.split("=", 1)
            frames[-1][key] = value
    return frames


def main():
    frames = read_frames(sys.argv[2:])
    if sys.argv[1].startswith("tun:"):
        tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", sys.argv[1][4:].encode(), 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
        os.system(f"ip link set {sys.argv[1][4:]} up")
        os.write(tun, packet(frames[0]))
        return
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((sys.argv[1], 0))
    for options in frames:
        for _ in range(int(options.get("count", 1))):
            sender.send(frame(options))
            options["port"] = int(options["port"]) + int(options.get("step", 0))


main()
