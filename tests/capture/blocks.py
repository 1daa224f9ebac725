#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints values of the blocks of one type in a pcapng file, a line a block, tabs between values.

usage: blocks.py FILE SHB|IDB|EPB|ISB VALUE...

A VALUE is one of the block's fields or options by the names below; "-" is printed where it is
missing. Any damage, a cut block included, ends with exit status 1 and what is wrong. Reads the file
without any of our code or of Wireshark's.
"""

import struct
import sys

BLOCKS = {0x0A0D0D0A: "SHB", 1: "IDB", 5: "ISB", 6: "EPB"}
# Length of the fixed fields, and of each type of block the names of its options.
FIXED = {"SHB": 16, "IDB": 8, "ISB": 12, "EPB": 20}
OPTIONS = {
    "SHB": {2: "hardware", 3: "os", 4: "application"},
    "IDB": {2: "name", 3: "description", 6: "mac", 8: "speed", 9: "tsresol", 11: "filter", 12: "os"},
    "ISB": {2: "start", 3: "end", 4: "received", 5: "dropped", 6: "accepted", 8: "delivered"},
    "EPB": {2: "flags", 4: "dropcount", 5: "packetid", 6: "queue", 7: "verdict"},
}
COMMENT = 1
# The text of a UDP packet over IPv4 begins there.
UDP_PAYLOAD = 14 + 20 + 8
TEXTS = {"comment", "hardware", "os", "application", "name", "description"}
TIMES = {"start", "end"}


class Damaged(Exception):
    pass


def time(data):
    high, low = struct.unpack("=II", data)
    return high << 32 | low


def option_value(name, data):
    if name in TEXTS:
        return data.decode()
    if name == "filter":
        return data[1:].decode()
    if name in TIMES:
        return time(data)
    if name in ("mac", "verdict"):
        return data.hex()
    return int.from_bytes(data, sys.byteorder)


def options(kind, data):
    while data:
        code, length = struct.unpack_from("=HH", data)
        if code == 0:
            if data != bytes(4):
                raise Damaged(f"{kind}: bytes behind the end of its options")
            return
        if 4 + length > len(data):
            raise Damaged(f"{kind}: option {code} is longer than the block")
        name = "comment" if code == COMMENT else OPTIONS[kind].get(code)
        if name:
            yield name, option_value(name, data[4 : 4 + length])
        data = data[4 + (length + 3 & ~3) :]
    raise Damaged(f"{kind}: no end of options")


def fields(kind, body):
    if kind == "SHB":
        return {}, 0
    if kind == "IDB":
        link, _, snaplen = struct.unpack_from("=HHI", body)
        return {"link": link, "snaplen": snaplen}, 0
    (interface,) = struct.unpack_from("=I", body)
    values = {"interface": interface, "time": time(body[4:12])}
    if kind == "EPB":
        values["captured"], values["wire"] = struct.unpack_from("=II", body, 12)
        packet = body[20 : 20 + values["captured"]]
        values["data"] = packet.hex()
        values["payload"] = packet[UDP_PAYLOAD:].decode(errors="replace").rstrip(" ")
        return values, values["captured"] + 3 & ~3
    return values, 0


def blocks(data):
    at = 0
    while at < len(data):
        if len(data) - at < 12:
            raise Damaged("a cut block at the end")
        number, length = struct.unpack_from("=II", data, at)
        if length % 4 or length < 12 or at + length > len(data):
            raise Damaged(f"a cut block at byte {at} of {len(data)}")
        if struct.unpack_from("=I", data, at + length - 4) != (length,):
            raise Damaged(f"the two lengths of the block at byte {at} differ")
        if number not in BLOCKS:
            raise Damaged(f"a block of type {number}")
        kind = BLOCKS[number]
        body = data[at + 8 : at + length - 4]
        values, packet = fields(kind, body)
        values.update(options(kind, body[FIXED[kind] + packet :]))
        yield kind, values
        at += length


def main():
    path, wanted, *names = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    try:
        for kind, values in blocks(data):
            if kind == wanted:
                print(*(values.get(name, "-") for name in names), sep="\t")
    except Damaged as reason:
        sys.exit(f"{path}: {reason}")


main()
