#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py FIRST COUNT DIRECTION PROGRAM [REDIRECT]: of the lines "packetid, comment, data" on standard input, those of
this direction are each of the numbered packets twice, as it came in and as it went out, with the verdict that
decide.bpf.c gives it, what it changed, and the bytes. Prints how many."""
import struct
import sys

first, count, direction, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
redirect = f" redirect={sys.argv[5]}" if len(sys.argv) > 5 else ""
DECIDED = {
    2001: "SHOT",
    2002: "OK changed=bytes",
    2003: "REDIRECT" + redirect,
    2004: "PIPE",
    2005: "OK changed=mark mark=0x7",
    2006: "OK changed=tail",
    2007: "OK changed=bytes,head",
    2008: "STOLEN",
}
TAG = bytes.fromhex("8100002a")


def left(port, frame):
    """The frame as the program leaves it."""
    if port == 2002:
        return frame[:46] + b"\xee" + frame[47:]
    if port == 2006:
        return frame + bytes(8)
    return frame[:12] + TAG + frame[12:] if port == 2007 else frame


def fail(text):
    sys.exit(f"check.py: {text}")


def words(comment):
    return dict(word.split("=", 1) for word in comment.split(" ")[1:])


entries, exits = {}, {}
for line in sys.stdin:
    packet, comment, data = line.rstrip("\n").split("\t")
    keys, frame = words(comment), bytes.fromhex(data)
    if comment.split(" ")[0] != "skb" or keys["dir"] != direction:
        continue
    at = 46 if frame[12:14] == TAG[:2] else 42
    if frame[at - 30 + 2:at - 28] != b"\x08\x00" and frame[at - 30:at - 28] != b"\x08\x00":
        continue
    port, number = struct.unpack_from("!H", frame, at - 6)[0], struct.unpack_from("<I", frame, at)[0]
    if not 2001 <= port <= 2008:
        continue
    if not keys["prog"].startswith(program + "#"):
        fail(f"not of {program}: {comment}")
    (entries if keys["at"] == "entry" else exits)[number] = (packet, port, keys, frame, comment)

wanted = set(range(first, first + count))
if set(entries) != wanted or set(exits) != wanted:
    fail(f"{direction}: {len(entries)} entries and {len(exits)} exits of {count}")
timed = 0
for number in sorted(wanted):
    packet, port, keys, frame, comment = entries[number]
    other, _, decided, result, remark = exits[number]
    if other != packet:
        fail(f"{number}: packet {packet} at entry, {other} at exit")
    if "action" in keys or "mark" in keys or len(frame) != 72:
        fail(f"{number} at entry: {comment}, {len(frame)} bytes")
    said = " ".join([decided["action"]] + [f"{key}={decided[key]}" for key in ("changed", "mark", "redirect") if key in decided])
    # 0 where the clock has not moved on meanwhile.
    timed += int(decided.get("ns", 0)) > 0
    if said != DECIDED[port]:
        fail(f"{number} to {port}: {remark}, not {DECIDED[port]}")
    if result != left(port, frame):
        fail(f"{number} to {port}: {result.hex()} from {frame.hex()}")
if timed < count / 2:
    fail(f"only {timed} of {count} have their time: {remark}")
print(count)
