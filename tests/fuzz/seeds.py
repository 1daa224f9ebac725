#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of corpus/ again: to be run when what is read changes (a message of extcap/call/call.h, an option). Each
finding leaves a seed behind, too. Needs python3-gi."""

import pathlib
import json
import struct
import sys

from gi.repository import GLib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "dissector"))
import pcapng  # pylint: disable=wrong-import-position

CORPUS = pathlib.Path(__file__).parent / "corpus"

RETURN = [6 | 1 << 32]  # ret #1
FILTER = [0x28 | 12 << 32, 0x15 | 1 << 24 | 0x800 << 32, 6 | 262144 << 32, 6]
HOOK_TYPE = "(sayayuuauaaybaaya(uaytxyyb)a(ayutaybuaytqbayty)a(tuay))"
ATTACHMENT_TYPE = "(bua(uuuusuuttt))"
# Nothing was missed; a slot that was overwritten, and one that was emptied and is captured again.
THERE = (False, 0, [])
ABSENT = (True, 31, [(1, 3, 3, 7, "foreign", 1, 1, 1000, 0, 1 << 40), (2, 1, 2, 0, "", 0, 4294967295, 1000, 2000, 1000)])
NEWS_TYPE = "(uss" + ATTACHMENT_TYPE + "a" + HOOK_TYPE + "a" + HOOK_TYPE + "a" + HOOK_TYPE + ")"
HOOK = ("xdp", b"/sys/fs/bpf/fw", b"fw", 7, 5, [0, 812, 0, 0, 0, 0, 0, 0], [b"", b"foreign", *[b""] * 6], True,
        [b"it may be a jump table", b"no BTF; load it with BTF", b"/sys/fs/bpf/lb", b"xdp_dispatcher", b"tc ingress", b"eth0"],
        [(812, b"fw", 1 << 63, 1795684329, 2, 1, True)], [(b"eth0", 2, 4026531840, b"blue", False, 812, bytes(range(6)), 10**10, 1, True, b"veth", 77, 1)],
        [(4711, 12, b"app")])
EMPTY_HOOK = ("xdp", b"", b"", 0, 0, [], [], False, [], [], [], [])


def words(*lines):
    return "\n".join(lines).encode()


def message(type_string, value):
    """A message as channel.c frames it; a child that is a pair (type, value) for v is made a variant."""
    data = GLib.Variant(type_string, value).get_data_as_bytes().get_data()
    return struct.pack("=I", len(data)) + data


def request(method, type_string, value):
    return message("(sv)", (method, GLib.Variant(type_string, value)))


def session(path=b"/sys/fs/bpf/fw", code=FILTER, ring=65536, **other):
    options = {"source": GLib.Variant("s", "xdp"), "address": GLib.Variant("ay", path + b"\0"), "id": GLib.Variant("u", 7),
               "filter": GLib.Variant("at", code), "rate": GLib.Variant("u", 100), "unproven": GLib.Variant("b", True),
               "ring-size": GLib.Variant("t", ring)}
    return request("open-session", "(a{sv})", (options | other,))


def reply(call, fds, type_string, value, done=True, log=(), error=("", 0, "")):
    return bytes((call, fds)) + message("(bsisa(us)v)", (done, *error, list(log), GLib.Variant(type_string, value)))


def pcap(*frames, snaplen=262144, link=1, magic=0xA1B2C3D4):
    data = struct.pack("<IHHiIII", magic, 2, 4, 0, 0, snaplen, link)
    for frame in frames:
        data += struct.pack("<IIII", 1, 2, len(frame), len(frame)) + frame
    return data


def guest(order="<"):
    """What another host sends, in either byte order: interfaces, packets and statistics of both."""
    def block(kind, body):
        return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)

    def option(code, value):
        return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)

    end = option(0, b"")
    data = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + end)
    for name in b"fw", b"eth0:lb()@fexit":
        data += block(1, struct.pack(order + "HHI", 1, 0, 262144) + option(2, name) + option(3, b"xdp hook=/sys/fs/bpf/fw")
                      + option(6, bytes(6)) + option(8, struct.pack(order + "Q", 10**10)) + option(9, b"\x09") + option(11, b"\0udp")
                      + option(12, b"Linux") + option(1, b"sampled") + end)
    for number, comment in enumerate((b"xdp action=DROP", b"xdp action=PASS hook=/a prog=fw#8 if=eth0")):
        data += block(6, struct.pack(order + "5I", number, 1 << 28, number, 60, 60) + bytes(60) + option(4, struct.pack(order + "Q", 3))
                      + option(5, struct.pack(order + "Q", 7)) + option(1, comment) + option(2, struct.pack(order + "I", 1))
                      + option(6, struct.pack(order + "I", 3)) + option(7, b"\2" + struct.pack(order + "Q", 1)) + end)
    for number in 0, 1:
        data += block(5, struct.pack(order + "3I", number, 1 << 28, 0) + b"".join(
            option(code, struct.pack(order + "II", 1, 2)) for code in (2, 3, 4, 5, 6, 8)) + option(1, b"xdp detached=DROP:1.000") + end)
    return data


def capture():
    section = pcapng.Pcapng().interface("fw")
    section.packet(section.comment("xdp action=DROP"), section.queue(3))
    section.packet(frame=b"").packet(frame=pcapng.FRAME[:13]).packet(frame=pcapng.FRAME * 100)
    return section.data


COMMENT = "xdp action=DROP hook=/sys/fs/bpf/a%20b/%C3%A9 prog=a#b%23#812 if=eth0 queue=3 cpu=1"

SEEDS = {
    "arguments": {
        "interfaces": words("extcap", "--extcap-interfaces", "--extcap-version=4.0"),
        "config": words("extcap", "--extcap-interface", "xdp:/sys/fs/bpf/fw", "--extcap-config",
                        "--extcap-reload-option", "actions"),
        "dlts": words("extcap", "--extcap-dlts", "--extcap-interface=xdp:/a%20b~0123abcd"),
        "suffix": words("extcap", "--extcap-config", "--extcap-interface", "xdp:/f/a_b~6363bdbdc0b9cd10"),
        "extcap-capture": words(
            "extcap", "--capture", "--extcap-interface", "xdp:/sys/fs/bpf/fw", "--fifo", "/tmp/f",
            "--extcap-capture-filter", "udp port 53", "--snaplen", "96", "--actions", "drop,tx", "--buffer", "64",
            "--sample", "1/10", "--rate", "1000", "--count", "5", "--duration", "1.5", "--share-foreign", "--unproven",
            "--verdict", "on", "--log-file", "", "--log-level", "debug", "--extcap-control-in", "/tmp/i",
            "--extcap-control-out", "/tmp/o", "--later-option"),
        "capture": words("capture", "/sys/fs/bpf/fw", "xdp:/sys/fs/bpf/lb", "-w", "-", "-a", "XDP_DROP,pass", "-s0",
                         "-B", "1", "-c1", "-v", "--json", "udp", "port", "53"),
        "capture-wrong": words("capture", "-s", "-1", "--duration", "nan", "--sample=1/1/2", "--", "/a"),
        "no-hook": words("capture", "-w", "/tmp/x", "udp"),
        "filter": words("filter", "-O", "--emit", "c", "--", "udp", "or", "tcp"),
        "filter-match": words("filter", "--match", "a.pcap", "--batch", "list", "--values"),
        "filter-cbpf": words("filter", "--cbpf", "p", "--emit=nothing"),
        "stat": words("stat", "fw", "xdp-prog:eth0", "-bn1", "-i", "0.5", "-a", "drop,tx", "--openmetrics=/tmp/x", "--color=never"),
        "stat-wrong": words("stat", "-i", "1e-9", "-n", "-1", "-w", "--duration", "nan", "--", "1", "2"),
    },
    "capture_file": {
        "pcap": pcap(pcapng.FRAME, b"", pcapng.FRAME[:1]),
        "pcap-nanoseconds": pcap(pcapng.FRAME, magic=0xA1B23C4D),
        "pcap-other-link": pcap(pcapng.FRAME, link=113),
        "pcap-cut": pcap(pcapng.FRAME)[:-3],
        "pcap-long": pcap(pcapng.FRAME * 80),
        "pcapng": capture(),
        "pcapng-big-endian": pcapng.Pcapng(">").interface("fw").packet().data,
        "empty": b"",
    },
    "comment": {
        "whole": COMMENT.encode(),
        "short": b"xdp action=TX",
        "namespace": b"xdp action=PASS if=eth0 netns=a%20b",
        "unknown-key": b"xdp action=PASS new-key.2=%41 cpu=4294967295",
        "no-utf8": b"xdp action=ABORTED hook=/\xff%ff\xc3 prog=#7",
        "wrong-escape": b"xdp action=REDIRECT hook=/%2g%",
        "twice": b"xdp action=DROP cpu=1 cpu=2",
        "skb": b"skb at=drops reason=NETFILTER_DROP if=eth0 cpu=1 function=nft_do_chain+0x3e8 process=a%20b pid=7 stack=a+0x1,b+0x2 mark=0x1f journey=5",
        "skb-wrong": b"skb at=ip_rcv mark=15 hash=0x1ffffffff",
        "xdpcap": b"XDPDrop",
        "xdpcap-number": b"XDPxdpAction(4)",
        "xdpdump": b"eth0:1:xdp_main()@fentry",
    },
    "filter": {
        "program": b"4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n",
        "program-commas": b"1,6 0 0 0,",
        "program-short": b"2\n6 0 0 0",
        "program-wrong": b"1\n6 0 0 4294967296",
        "hosts": b"host 10.0.0.1 or 10.0.0.2",
        "nested": b"(udp port 53 && not (src net 10.0.0.0/8 || ! tcp[13] & 3 != 0))",
        "moving": b"vlan 5 and ip",
        "unbalanced": b"(udp or tcp",
        "operators": b"udp and or tcp",
        "refused": b"udp or port ?",
    },
    "reply": {
        "list": reply(0, 0, "a" + HOOK_TYPE, [HOOK, EMPTY_HOOK], log=[(64, "looked")]),
        "hook": reply(1, 0, "a" + HOOK_TYPE, [HOOK]),
        "hooks-two": reply(1, 0, "a" + HOOK_TYPE, [HOOK, EMPTY_HOOK]),
        "filter": reply(2, 0, "()", ()),
        "refused": reply(2, 0, "()", (), False, error=("xdpshark_program_error", 0, "the verifier says no")),
        "session": reply(3, 4, "(uuux)", (128, 262144, 2, 0)) + reply(3, 0, "()", ())[2:] +
                   reply(3, 0, "(t)", (1000,))[2:] + reply(3, 0, "a" + ATTACHMENT_TYPE, [ABSENT])[2:],
        "session-without-descriptors": reply(3, 0, "(uuux)", (2, 131072, 2, -7)),
        "session-too-many": reply(3, 16, "(uuux)", (4, 131072, 1, 1 << 62)),
        "news": reply(4, 0, "a" + NEWS_TYPE,
                      [(0, "", "", THERE, [], [], []), (1, "", "", ABSENT, [HOOK], [], []), (3, "", "", THERE, [], [HOOK], []),
                       (5, "it is a map of type 1", "a jump table", THERE, [], [EMPTY_HOOK], [HOOK, EMPTY_HOOK])]),
        "news-unknown": reply(4, 0, "a" + NEWS_TYPE, [(4294967295, "", "", (True, 4294967295, [(5, 7, 7, 0, "", 0, 1, 0, 0, 0)]), [], [], [])]),
        # Found by the fuzzer: GLib ends the process over a message of this level.
        "log-level-fatal": reply(0, 0, "a" + HOOK_TYPE, [HOOK], log=[(4, "looked")]),
        "survey": reply(5, 0, "(a" + HOOK_TYPE + "a" + HOOK_TYPE + ")", ([HOOK], [EMPTY_HOOK])),
        "findings": reply(6, 0, "a(sus)", [("bpffs", 1, "/sys/fs/bpf"), ("jit", 7, "")]),
        "wrong-type": reply(1, 0, "s", "text"),
    },
    "request": {
        "list": request("list-points", "(s)", ("xdp",)),
        "find": request("find-points", "(say)", ("kernel", b"ip_*\0")) + request("find-points", "(say)", ("xdp", b"*\0")),
        "survey": request("survey", "(s)", ("",)),
        "examine": request("examine", "(as)", (["bpffs", ""],)) + request("examine", "(as)", ([],)),
        "hook": request("open-points", "(a(say))", ([("xdp", b"/sys/fs/bpf/fw\0"), ("xdp", b"/sys/fs/bpf/b\0")],)),
        "hook-unterminated": request("open-points", "(a(say))", ([("xdp", b"/sys/fs/bpf/fw")],)),
        "filter": request("check-filter", "(at)", (FILTER,)),
        "filter-empty": request("check-filter", "(at)", ([],)),
        "session": session() + request("attach-sessions", "(au)", ([0],)) +
                   request("detach-sessions", "(au)", ([0, 0],)),
        "sessions": session(code=RETURN) * 66 + request("attach-sessions", "(au)", ([*range(65)],)),
        "session-unknown-option": session(colour=GLib.Variant("u", 1)),
        "session-wrong-type": session(snaplen=GLib.Variant("s", "all")),
        "session-no-source": session(source=GLib.Variant("s", "tc")),
        "session-of-group": session(source=GLib.Variant("s", "tc"), group=GLib.Variant("ay", b"eth0\0")),
        "session-no-hook": session(b"etc"),
        "session-odd-ring": session(ring=65537),
        "attach-none": request("attach-sessions", "(au)", ([4294967295],)),
        "attach-next": session() + request("attach-sessions", "(au)", ([0, 1],)),
        "look": session() * 6 + request("look", "(au)", ([0, 4294967295, 1],)),
        "change": session() + request("attach-sessions", "(au)", ([0],)) +
                  request("change-session", "(ua{sv})", (0, {"filter": GLib.Variant("at", FILTER), "verdicts": GLib.Variant("u", 6)})) +
                  request("change-session", "(ua{sv})", (1, {"paused": GLib.Variant("b", True)})) +
                  request("change-session", "(ua{sv})", (0, {"snaplen": GLib.Variant("u", 6)})),
        "move": session() + request("move-session", "(uu)", (0, 9)) + request("move-session", "(uu)", (1, 9)),
        "unknown": request("format-disk", "(s)", ("now",)),
        "size": b"\xff\xff\xff\xff",
        "cut": session()[:-5],
    },
    "remote": {
        "stream": b"\0" + guest(),
        "stream-swapped": b"\7" + guest(">"),
        "stream-cut": b"\xff" + guest()[:-7],
        "stream-text": b"\0Welcome to web1\n" + guest(),
        "list": b"\1" + json.dumps([{
            "source": "xdp", "address": "/sys/fs/bpf/fw", "path": "/sys/fs/bpf/fw", "name": "fw", "interface": "xdp:/sys/fs/bpf/fw", "map_id": 7,
            "proven": True, "doubt": None, "slots": [{"action": "ABORTED", "program": None}, {"action": "DROP", "program": {"id": 5, "name": "x"}}],
            "programs": [{"id": 812, "name": "fw"}], "devices": [{"name": "eth0", "ifindex": 2, "netns": "blue", "own_netns": False}]},
            {"source": None, "address": None, "programs": None, "devices": None}]).encode(),
        "list-nested": b"\1" + b"[" * 40,
        "status": b'\2{"final":false,"received":3,"actions":{"DROP":{"rejected":1,"captured":2,"lost_full":-1}}}',
        "message": b'\2{"message":"the pin is gone"}',
        "address": b"\3ssh://joe@[fd00::1]:22/sys/fs/bpf/fw",
        "address-program": b"\3ssh://web1/xdp-prog:eth0",
    },
    "stream": {
        "plain": words("/sys/fs/bpf/fw", "fw", "eth0", "udp port 53", "sampled", "packet"),
        "spaces": words("/sys/fs/bpf/a b%c", "a#b=c %00", "veth 0", "", "", ""),
        "unicode": words("/ü/\u202e\u200b\U0001f600", "\u00a0", "é", "host ä", "ö", "ß"),
        "no-utf8": b"/\xff\xfe\xc3\n\xc3\n\x80\n\xe2\x82\n\xf0\x9f\n\xff",
        "control": b"/a\x1b[2J\r\t\n\x7f\n\x01\n\x02\n\x03\n\x04",
        "long": words("/" + "é" * 2100, "p" * 500, "d" * 100, "f" + "é" * 700, "€" * 300, "x" * 1500),
    },
}

for target, seeds in SEEDS.items():
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in seeds.items():
        (folder / name).write_bytes(data)
