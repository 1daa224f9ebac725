#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Prints packets.txt: our own Ethernet frames, one of each kind that filters distinguish."""
import itertools
import struct

MAC_A, MAC_B = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
BROADCAST, MULTICAST = b"\xff" * 6, bytes.fromhex("01005e000001")
STP = bytes.fromhex("0180c2000000")
A4, B4, C4, D4 = (bytes(a) for a in ([10, 0, 0, 1], [10, 0, 0, 2], [192, 168, 1, 7], [224, 0, 0, 9]))
A6 = bytes.fromhex("20010db8000000000000000000000001")
B6 = bytes.fromhex("fe800000000000000000000000000002")
C6 = bytes.fromhex("ff020000000000000000000000000001")


def ethernet(kind, payload, source=MAC_A, target=MAC_B):
    return target + source + struct.pack(">H", kind) + payload


def ip4(protocol, payload, source=A4, target=B4, words=5, fragment=0, tos=0, ttl=64, number=1):
    options = bytes(range(1, 4 * (words - 5) + 1))
    return struct.pack(">BBHHHBBH", 0x40 | words, tos, 4 * words + len(payload), number, fragment,
                       ttl, protocol, 0) + source + target + options + payload


def ip6(following, payload, source=A6, target=B6, flow=0):
    return struct.pack(">IHBB", 0x60000000 | flow, len(payload), following, 64) + source + target + payload


def header6(following, payload, words=0):
    return bytes([following, words]) + bytes(6 + 8 * words) + payload


def tcp(source, target, flags=0x10, window=1024, words=5, payload=b""):
    options = bytes([1] * 4 * (words - 5))
    return struct.pack(">HHIIBBHHH", source, target, 7, 9, words << 4, flags, window, 0, 0) + options + payload


def udp(source, target, payload=b""):
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload


def icmp(kind, code=0):
    return struct.pack(">BBHHH", kind, code, 0, 1, 2)


def arp(operation, source=A4, target=B4):
    return struct.pack(">HHBBH", 1, 0x800, 6, 4, operation) + MAC_A + source + MAC_B + target


def llc(dsap, ssap, control, payload):
    body = bytes([dsap, ssap]) + control + payload
    return ethernet(len(body), body)


def vlan(number, kind, payload, priority=0):
    return struct.pack(">HH", priority << 13 | number, kind) + payload


def mpls(label, bottom, payload):
    return struct.pack(">I", label << 12 | bottom << 8 | 64) + payload


def pppoe(session, protocol, payload):
    return struct.pack(">BBHHH", 0x11, 0, session, 2 + len(payload), protocol) + payload


def packets():
    """Names and bytes."""
    ports = [22, 53, 80, 443, 1024, 6000, 40000]
    for source, target in zip(ports, ports[1:] + ports[:1]):
        yield f"tcp {source} {target}", ethernet(0x800, ip4(6, tcp(source, target)))
        yield f"udp {source} {target}", ethernet(0x800, ip4(17, udp(source, target, b"\1\2\3")))
    for flags in (0x01, 0x02, 0x04, 0x12, 0x18, 0x29):
        yield f"tcp flags {flags:#x}", ethernet(0x800, ip4(6, tcp(80, 5000, flags, 512 << (flags & 7))))
    for words in (6, 9, 15):
        yield f"ip of {words} words", ethernet(0x800, ip4(6, tcp(5000, 22, 2), words=words))
        yield f"tcp of {words} words", ethernet(0x800, ip4(6, tcp(22, 80, 24, words=words, payload=b"GET /")))
    yield "http", ethernet(0x800, ip4(6, tcp(5000, 80, 24, payload=b"GET / HTTP/1.1\r\n")))
    yield "ssh", ethernet(0x800, ip4(6, tcp(22, 5000, 24, payload=b"SSH-2.0-ours\r\n")))
    for fragment in (0x4000, 0x2000, 0x2001, 0x0001, 0x1fff):
        yield f"fragment {fragment:#x}", ethernet(0x800, ip4(17, udp(53, 80), fragment=fragment))
    for source, target in itertools.permutations((A4, C4, D4), 2):
        yield f"{source.hex()} {target.hex()}", ethernet(0x800, ip4(17, udp(67, 68), source, target, ttl=1))
    for kind, code in ((0, 0), (3, 1), (3, 4), (8, 0), (11, 0)):
        yield f"icmp {kind} {code}", ethernet(0x800, ip4(1, icmp(kind, code), tos=kind))
    for protocol in (2, 4, 47, 50, 51, 88, 103, 112, 132, 255):
        yield f"ip protocol {protocol}", ethernet(0x800, ip4(protocol, tcp(80, 443), number=protocol))
    yield "ah, tcp", ethernet(0x800, ip4(51, bytes([6, 1]) + bytes(10) + tcp(22, 80)))
    yield "ip in ip", ethernet(0x800, ip4(4, ip4(6, tcp(80, 22), C4, A4)))
    yield "dns", ethernet(0x800, ip4(17, udp(5353, 53, bytes.fromhex("1234010000010000"))))
    yield "dns answer", ethernet(0x800, ip4(17, udp(53, 5353, bytes.fromhex("1234818000010001"))))
    inner = ethernet(0x800, ip4(6, tcp(22, 443), C4, B4))
    yield "vxlan", ethernet(0x800, ip4(17, udp(4000, 4789, bytes.fromhex("0800000000002a00") + inner)))
    for options in (0, 2):
        yield f"geneve {options}", ethernet(0x800, ip4(17, udp(
            4000, 6081, bytes([options, 0]) + bytes.fromhex("655800000b00") + bytes(4 * options) + inner)))
    for following, payload in ((6, tcp(22, 80, 2)), (17, udp(53, 6000, b"\7")), (58, icmp(128)), (58, icmp(135)),
                               (132, udp(22, 80)), (59, b"")):
        yield f"ip6 {following}", ethernet(0x86dd, ip6(following, payload))
        yield f"ip6 options {following}", ethernet(0x86dd, ip6(0, header6(60, header6(following, payload, 1))))
        yield f"ip6 fragment {following}", ethernet(0x86dd, ip6(44, header6(following, payload)))
    yield "ip6 routing", ethernet(0x86dd, ip6(43, header6(6, tcp(80, 80), 2)))
    yield "ip6 ah", ethernet(0x86dd, ip6(51, bytes([17, 2]) + bytes(14) + udp(80, 22)))
    yield "ip6 multicast", ethernet(0x86dd, ip6(17, udp(546, 547), B6, C6, 0x12345))
    yield "ip4 in ip6", ethernet(0x86dd, ip6(4, ip4(6, tcp(80, 22))))
    for operation in (1, 2):
        yield f"arp {operation}", ethernet(0x806, arp(operation), target=BROADCAST)
        yield f"rarp {operation}", ethernet(0x8035, arp(operation + 2, C4, A4))
    for number in (0, 1, 100, 4095):
        yield f"vlan {number}", ethernet(0x8100, vlan(number, 0x800, ip4(6, tcp(22, 80)), number & 7))
        yield f"vlan {number}, 100", ethernet(0x88a8, vlan(number, 0x8100, vlan(100, 0x86dd, ip6(17, udp(53, 80)))))
    yield "vlan 9100", ethernet(0x9100, vlan(7, 0x806, arp(1)))
    for label in (0, 16, 100000):
        yield f"mpls {label}", ethernet(0x8847, mpls(label, 1, ip4(17, udp(53, 53))))
        yield f"mpls {label}, 17", ethernet(0x8847, mpls(label, 0, mpls(17, 1, ip4(6, tcp(22, 80)))))
    yield "pppoe discovery", ethernet(0x8863, pppoe(0, 0x0101, b""))
    yield "pppoe ip", ethernet(0x8864, pppoe(5, 0x21, ip4(6, tcp(80, 22))))
    yield "pppoe ip6", ethernet(0x8864, pppoe(6, 0x57, ip6(17, udp(53, 80))))
    yield "stp", STP + MAC_A + bytes.fromhex("0026424203") + bytes(35)
    yield "snap ip", llc(0xaa, 0xaa, b"\3", bytes.fromhex("0000000800") + ip4(17, udp(80, 53)))
    yield "snap atalk", llc(0xaa, 0xaa, b"\3", bytes.fromhex("080007809b") + bytes(20))
    yield "netbeui", llc(0xf0, 0xf0, b"\3", bytes(30))
    yield "isis", llc(0xfe, 0xfe, b"\3", bytes([0x83, 27, 1, 0, 15, 1, 0, 0]) + bytes(20))
    yield "llc i", llc(0x06, 0x07, b"\x12\x34", bytes(20))
    yield "ipx", ethernet(0x8137, bytes(30))
    yield "broadcast", ethernet(0x800, ip4(17, udp(68, 67, b"\0" * 16)), target=BROADCAST)
    yield "multicast", ethernet(0x800, ip4(2, b"\x16\0\0\0" + D4, target=D4), target=MULTICAST)
    yield "ones", b"\xff" * 80
    yield "zeros", bytes(80)
    yield "counting", bytes(range(120))
    yield "falling", bytes(255 - i for i in range(100))
    yield "other ends", ethernet(0x800, ip4(6, tcp(80, 80)), MAC_B, MAC_A)


print("# Made by packets.py: the name of a frame, and its bytes.")
for name, data in packets():
    print(f"{name}\t{data.hex()}")
