# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds pcapng files block by block, including ones that no tool would write."""

import struct

COMMENT = 1
EPB_FLAGS = 2
EPB_DROPCOUNT = 4
EPB_PACKETID = 5
EPB_QUEUE = 6
EPB_VERDICT = 7
IF_NAME = 2
IF_DESCRIPTION = 3

VERDICT_HARDWARE = 0
VERDICT_TC = 1
VERDICT_XDP = 2

# Ethernet, IPv4, UDP from port 1000 to port 9.
FRAME = bytes.fromhex(
    "020000000002020000000001080045000020000100004011" "f9b40a0000010a000002"
    "03e80009000c0000" "64617461"
)


class Pcapng:
    """One section; order is '<' or '>', the byte order of everything in it."""

    def __init__(self, order="<"):
        self.order = order
        self.data = self.block(0x0A0D0D0A, self.pack("IHHq", 0x1A2B3C4D, 1, 0, -1))

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def option(self, code, value):
        return self.pack("HH", code, len(value)) + value + bytes(-len(value) % 4)

    def block(self, kind, body, options=b""):
        if options:
            options += self.pack("HH", 0, 0)
        length = 12 + len(body) + len(options)
        return self.pack("II", kind, length) + body + options + self.pack("I", length)

    def interface(self, name=None, description=None):
        """Adds an Ethernet interface."""
        options = self.option(IF_NAME, name.encode()) if name else b""
        options += self.option(IF_DESCRIPTION, description.encode()) if description else b""
        self.data += self.block(1, self.pack("HHI", 1, 0, 262144), options)
        return self

    def packet(self, *options, interface=0, frame=FRAME, wire_length=None, time=0):
        """Adds a packet; options are results of comment(), queue() and so on. time: in microseconds."""
        body = self.pack("IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(frame), wire_length or len(frame))
        self.data += self.block(6, body + frame + bytes(-len(frame) % 4), b"".join(options))
        return self

    def comment(self, text):
        return self.option(COMMENT, text if isinstance(text, bytes) else text.encode())

    def queue(self, value):
        return self.option(EPB_QUEUE, self.pack("I", value))

    def packet_id(self, value):
        return self.option(EPB_PACKETID, self.pack("Q", value))

    def dropcount(self, value):
        return self.option(EPB_DROPCOUNT, self.pack("Q", value))

    def verdict(self, value, kind=VERDICT_XDP):
        return self.option(EPB_VERDICT, self.pack("BQ", kind, value))


def commented(*texts):
    """A file with one packet per comment."""
    section = Pcapng().interface("fw")
    for text in texts:
        section.packet(section.comment(text))
    return section.data
