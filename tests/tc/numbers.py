#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Of lines "comment, data" on standard input, those of send.py's packets: "PROGRAM DIRECTION NUMBER AT"."""
import struct
import sys

for line in sys.stdin:
    comment, data = line.rstrip("\n").split("\t")
    keys, frame = dict(word.split("=", 1) for word in comment.split(" ")[1:]), bytes.fromhex(data)
    at = 46 if frame[12:14] == b"\x81\x00" else 42
    if comment.startswith("skb ") and frame[at - 30:at - 28] == b"\x08\x00" and 2001 <= struct.unpack_from("!H", frame, at - 6)[0] <= 2008:
        print(keys["prog"], keys["dir"], struct.unpack_from("<I", frame, at)[0], keys["at"])
