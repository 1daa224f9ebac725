#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays the toolbar of Wireshark's window for a capture.

usage: toolbar.py CONTROL_OUT CONTROL_IN

The names are the capture's: it writes CONTROL_OUT and reads CONTROL_IN. Both are opened as Wireshark does, which
waits for the capture. Takes a command a line from standard input:

	set NUMBER TEXT	the user puts a text into a control, or chooses a value
	tick NUMBER 0|1
	press NUMBER
	initialized	Wireshark does so after what the user has set before the capture
	raw HEX	these bytes
	changed	prints which controls Wireshark would set again when the next capture starts

Prints a line for each message that comes: command, control number and payload; "hasty" if counts took the place of what
the status bar said of a change before that could be read.
"""

import struct
import sys
import threading
import time

COMMANDS = ["initialized", "set", "add", "remove", "enable", "disable", "status", "information", "warning", "error"]
SET = 1

# What Wireshark remembers of each control: its value, and whether its user has changed it. It forgets the latter
# when the capture sets another value.
values = {}
changed = {}


def say(*words):
    print(*words, flush=True)


def readable(payload):
    text = payload.decode(errors="backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def receive(pipe):
    told = 0
    while head := pipe.read(6):
        mark, high, low, control, command = struct.unpack(">cBHBB", head)
        if mark != b"T":
            say("garbage", head.hex())
            return
        payload = pipe.read((high << 16 | low) - 2)
        if command == SET:
            if values.get(control) != payload:
                changed[control] = False
            values[control] = payload
        say(COMMANDS[command], control, readable(payload))
        if payload.startswith(b"XDP: the capture goes on"):
            told = time.monotonic()
        elif payload.startswith(b"XDP, packets") and time.monotonic() < told + 1.5:
            say("hasty")
    say("closed")


def message(control, command, payload=b""):
    length = len(payload) + 2
    return struct.pack(">cBHBB", b"T", length >> 16, length & 0xFFFF, control, command) + payload


def main():
    control_out, control_in = sys.argv[1:]
    # Wireshark starts a thread that opens this, and then opens the other one itself.
    reader = threading.Thread(target=lambda: receive(open(control_out, "rb")))
    reader.start()
    with open(control_in, "wb", buffering=0) as pipe:
        say("opened")
        for line in sys.stdin:
            word, *rest = line.rstrip("\n").split(" ", 2)
            if word == "initialized":
                pipe.write(message(0, 0))
            elif word == "raw":
                pipe.write(bytes.fromhex("".join(rest)))
            elif word == "changed":
                say("changed:", *sorted(control for control in changed if changed[control]))
            else:
                control = int(rest[0])
                payload = {"set": lambda: rest[1].encode() if len(rest) > 1 else b"",
                           "tick": lambda: bytes([int(rest[1])]),
                           "press": lambda: b""}[word]()
                if word != "press":
                    values[control], changed[control] = payload, True
                pipe.write(message(control, SET, payload))
    reader.join()


main()
