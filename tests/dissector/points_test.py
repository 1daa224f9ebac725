# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that were captured without a hook: packets at entry and at exit, how they find each other, and what
changed. Arguments: the plugin, then those of unittest."""

import re
import sys
import unittest
from unittest.mock import ANY

from pcapng import FRAME, Pcapng
from wireshark import Wireshark

# Of FRAME.
ETHERNET, TTL, CHECKSUM, SOURCE, DESTINATION, PORT = 14, 22, 24, 26, 30, 36
TAG = bytes.fromhex("81000005")
# PI_NOTE of epan/proto.h
NOTE = "4194304"


def patched(frame, *patches):
    """A copy with the octets of each (offset, octets)."""
    frame = bytearray(frame)
    for offset, octets in patches:
        frame[offset:offset + len(octets)] = octets
    return bytes(frame)


class Program(Pcapng):
    """A section with the two interfaces of each program, PROGRAM#ID on DEVICE."""

    def __init__(self, *programs, order="<"):
        super().__init__(order)
        self.time = 1000000
        for program in programs or (("fw", 812, "eth0"),):
            self.program(*program)

    def program(self, name, number, device, points=("entry", "exit")):
        for point in points:
            self.interface(f"{device}:{name}()@f{point}", f"xdp at={point} prog={name}#{number} if={device}")

    def seen(self, interface, text, number=1, frame=FRAME, wire_length=None, time=None):
        self.time += 1
        return self.packet(self.comment(text), self.packet_id(number), interface=interface, frame=frame,
                           wire_length=wire_length, time=time or self.time)

    def entry(self, number=1, interface=0, frame=FRAME, **arguments):
        return self.seen(interface, "xdp at=entry", number, frame, **arguments)

    def exit(self, words="action=TX ns=412", number=1, interface=1, frame=FRAME, **arguments):
        return self.seen(interface, "xdp at=exit " + words, number, frame, **arguments)


class Case(unittest.TestCase):
    count = 0

    def file(self, data):
        self.count += 1
        return wireshark.write(f"{self.id()}-{self.count}.pcapng", data)

    def fields(self, data, *names, two_pass=False):
        return wireshark.fields(self.file(data), names, *(("-2",) if two_pass else ()))

    def frames(self, data, *filters):
        path = self.file(data)
        return [wireshark.frames(path, text) for text in filters]

    def links(self, data):
        """The frames of entry and exit, with all of the file known."""
        return self.fields(data, "xdp.entry_frame", "xdp.exit_frame", two_pass=True)

    def changes(self, entry, exit, words="action=TX changed=bytes"):
        """The title of the changes, and the lines below it, without what is for filters."""
        data = Program().entry(frame=entry).exit(words, frame=exit).data
        output = wireshark.tshark("-r", self.file(data), "-V", "-O", "xdp")
        lines = [line.strip() for line in output.splitlines()]
        for i, line in enumerate(lines):
            if line.startswith("[Changes"):
                rows = [row[1:-1] for row in lines[i + 1:] if not re.match(r"\[(Offset|Old|New)\b.*: ", row) and row]
                return line[1:-1], rows
        return None, []


class Fields(Case):
    def test_of_entry_and_exit(self):
        data = Program().entry((2 << 48) + 9).exit("action=TX ns=412 changed=bytes,head", (2 << 48) + 9).data
        self.assertEqual(
            self.fields(data, "xdp.point", "xdp.action", "xdp.program", "xdp.program_id", "xdp.interface", "xdp.cpu",
                        "xdp.latency", "xdp.changed", "xdp.changed.bytes", "xdp.changed.head", "xdp.changed.tail"),
            [["1", "", "fw", "812", "eth0", "2", "", "", "", "", ""],
             ["2", "3", "fw", "812", "eth0", "2", "412", "bytes,head", ANY, ANY, ""]])

    def test_details_of_an_exit(self):
        data = Program().entry().exit("action=REDIRECT ns=1234567 changed=tail redirect=devmap:12:3").data
        output = wireshark.tshark("-r", self.file(data), "-V", "-O", "xdp")
        lines = [line.strip() for line in output[output.rindex("\nXDP"):].splitlines() if line]
        self.assertEqual(
            lines,
            ["XDP, Action: REDIRECT, Program: fw", "[Action: REDIRECT (4)]", "[Point: exit (2)]", "[Program: fw]",
             "[Program ID: 812]", "[Interface: eth0]", "[CPU: 0]", f"[Wire length: {len(FRAME)}]",
             "[Latency: 1234567 ns (1.234 ms)]", "[Redirect: devmap:12:3]", "[Map type: devmap (14)]",
             "[Map ID: 12]", "[Key: 3]", "[Entry: 1]", "[Changed: tail]", "[Tail: True]"])

    def test_redirect(self):
        data = Program()
        for target in ("if:eth1", "if:a%20b:c", "devmap:12:3", "cpumap:0:4294967295", "xskmap:7:0"):
            data.exit("action=REDIRECT redirect=" + target)
        self.assertEqual(
            self.fields(data.data, "xdp.redirect", "xdp.redirect.interface", "xdp.redirect.map_type",
                        "xdp.redirect.map_id", "xdp.redirect.key"),
            [["if:eth1", "eth1", "", "", ""], ["if:a b:c", "a b:c", "", "", ""],
             ["devmap:12:3", "", "14", "12", "3"], ["cpumap:0:4294967295", "", "16", "0", "4294967295"],
             ["xskmap:7:0", "", "17", "7", "0"]])

    def test_the_socket_that_gets_it(self):
        data = Program()
        data.exit("action=REDIRECT redirect=xskmap:7:0 socket=4711 process=a%20b%23#12")
        data.exit("action=REDIRECT redirect=xskmap:7:1 socket=4712")
        self.assertEqual(self.fields(data.data, "xdp.socket", "xdp.process", "xdp.process_id", "xdp.sent"),
                         [["4711", "a b#", "12", ""], ["4712", "", "", ""]])

    def test_what_a_socket_sends(self):
        data = Pcapng().interface("eth0@xsk", "xdp at=xsk if=eth0")
        for sent in ("OK", "DROP", "BUSY", "ERROR"):
            data.packet(data.comment(f"xdp at=xsk sent={sent} socket=4711 process=app#12"), data.packet_id(1 << 48 | 1))
        fields = ("xdp.point", "xdp.sent", "xdp.socket", "xdp.process", "xdp.interface", "xdp.cpu", "xdp.action")
        self.assertEqual(self.fields(data.data, *fields),
                         [["3", str(sent), "4711", "app", "eth0", "1", ""] for sent in range(4)])
        path = self.file(data.data)
        for text, expected in {"xdp.sent == BUSY": [3], "xdp.point == xsk && xdp.process == app": [1, 2, 3, 4]}.items():
            self.assertEqual(wireshark.frames(path, text), expected, text)
        tree = wireshark.tshark("-q", "-z", "xdp,tree", "-r", path)
        self.assertRegex(tree, r"app#12 +4 ")
        self.assertRegex(tree, r"xsk +4 ")

    def test_a_program_in_the_comment(self):
        data = Program().seen(0, "xdp at=entry prog=fw#813 if=eth0 queue=1 cpu=3")
        data.exit("action=DROP prog=fw#813 cpu=3")
        self.assertEqual(self.fields(data.data, "xdp.program_id", "xdp.interface", "xdp.cpu"),
                         [["813", "eth0", "3"], ["813", "", "3"]])

    def test_without_comments(self):
        data = Program()
        data.packet(data.packet_id(7)).packet(data.packet_id(7), data.verdict(3), interface=1)
        self.assertEqual(self.fields(data.data, "xdp.point", "xdp.action", "xdp.program_id", "xdp.entry_frame"),
                         [["1", "", "812", ""], ["2", "3", "812", "1"]])

    def test_without_descriptions(self):
        data = Pcapng().interface("eth0:fw()@fentry").interface("eth0:fw()@fexit")
        data.packet(data.comment("xdp at=entry"), data.packet_id(7))
        data.packet(data.comment("xdp at=exit action=TX"), data.packet_id(7), interface=1)
        self.assertEqual(self.fields(data.data, "xdp.point", "xdp.program", "xdp.interface", "xdp.entry_frame"),
                         [["1", "fw", "eth0", ""], ["2", "fw", "eth0", "1"]])

    def test_both_points_on_one_interface(self):
        data = Pcapng().interface("fw")
        data.packet(data.comment("xdp at=entry prog=fw"), data.packet_id(7))
        data.packet(data.comment("xdp at=exit action=TX prog=fw"), data.packet_id(7),
                    frame=patched(FRAME, (TTL, b"\x3f")))
        self.assertEqual(self.fields(data.data, "xdp.point", "xdp.program", "xdp.entry_frame", "xdp.changed"),
                         [["1", "fw", "", ""], ["2", "fw", "1", "bytes"]])

    def test_a_point_that_the_interface_contradicts(self):
        data = Program().exit(interface=0)
        self.assertEqual(self.fields(data.data, "xdp.point", "xdp.program"), [["2", ""]])

    def test_hooks_are_hooks(self):
        data = Pcapng().interface("fw", "xdp hook=/a").interface("XDPDrop")
        data.packet(data.comment("xdp action=DROP")).packet(data.comment("xdp action=DROP hook=/b"))
        data.packet(data.verdict(1)).packet(interface=1)
        self.assertEqual(self.fields(data.data, "xdp.point"), [["0"]] * 4)

    def test_xdpdump(self):
        data = Pcapng().interface("eth0:xdp_main()@fentry").interface("eth0:xdp_main()@fexit")
        data.packet(data.packet_id(1)).packet(data.packet_id(1), data.verdict(1), interface=1)
        data.packet(data.packet_id(2)).packet(data.packet_id(2), data.verdict(3), interface=1,
                                              frame=patched(FRAME, (TTL, b"\x3f")))
        self.assertEqual(self.fields(data.data, "xdp.point", "xdp.entry_frame", "xdp.changed"),
                         [["1", "", ""], ["2", "1", ""], ["1", "", ""], ["2", "3", "bytes"]])

    def test_malformed_words_leave_the_comment_alone(self):
        words = ("at=", "at=hook", "at=Entry", "at=exit at=exit", "at=exit ns=", "at=exit ns=-1", "at=exit ns=1.5",
                 "at=exit ns=18446744073709551616", "at=exit changed=", "at=exit changed=all", "at=exit changed=bytes,",
                 "at=exit changed=head,head", "at=exit redirect=", "at=exit redirect=if", "at=exit redirect=if:",
                 "at=exit redirect=devmap:1", "at=exit redirect=devmap:1:", "at=exit redirect=devmap:1:2:3",
                 "at=exit redirect=map:1:2", "at=exit redirect=devmap:-1:2", "at=exit redirect=devmap:1:4294967296",
                 "at=exit redirect=if:" + "x" * 129, "at=exit part=", "at=exit part=frags",
                 "at=xsk sent=", "at=xsk sent=MAYBE", "at=xsk socket=x", "at=xsk process=#x", "at=xsk process=")
        data = Pcapng().interface("fw")
        for word in words:
            data.packet(data.comment("xdp " + word))
        data.packet(data.comment("xdp at=exit ns=18446744073709551615 new=1 redirect=if:" + "x" * 128))
        self.assertEqual(self.frames(data.data, "xdp"), [[len(words) + 1]])


class Filters(Case):
    DATA = (Program().entry().exit("action=TX ns=412 changed=bytes", frame=patched(FRAME, (TTL, b"\x3f")))
            .entry(2).exit("action=TX ns=1500", 2).entry(3).exit("action=REDIRECT ns=9 redirect=devmap:12:3", 3).data)

    def test_filters(self):
        filters = {
            "xdp.changed && xdp.action == TX": [2],
            "xdp.point == exit": [2, 4, 6],
            "xdp.point == \"entry\"": [1, 3, 5],
            "xdp.point == 1": [1, 3, 5],
            "xdp.point == hook": [],
            "xdp.point != exit": [1, 3, 5],
            "xdp.latency > 1000": [4],
            "xdp.latency < 413": [2, 6],
            "xdp.changed.bytes": [2],
            "xdp.changed.bytes == 1": [2],
            "xdp.changed.head": [],
            "xdp.changed contains \"bytes\"": [2],
            "xdp.redirect": [6],
            "xdp.redirect.map_type == devmap": [6],
            "xdp.redirect.map_id == 12 && xdp.redirect.key == 3": [6],
            "xdp.entry_frame": [2, 4, 6],
            "xdp.entry_frame == 3": [4],
            "xdp.changes": [2],
            "xdp.change.offset == 22": [2],
            "xdp.change.old[0] == 0x40 && xdp.change.new == 3f": [2],
            "xdp.change.new == 0a:00": [],
        }
        path = self.file(self.DATA)
        for text, expected in filters.items():
            self.assertEqual(wireshark.frames(path, text), expected, text)

    def test_filters_with_and_without_details_and_in_two_passes(self):
        path = self.file(self.DATA)
        for arguments in ((), ("-V",), ("-2",), ("-2", "-V"), ("-T", "pdml"), ("-2", "-R", "xdp")):
            output = wireshark.tshark("-r", path, *arguments, "-Y", "xdp.change.new == 3f && xdp.entry_frame == 1")
            self.assertIn("10.0.0.2", output, arguments)
        output = wireshark.tshark("-r", path, "-2", "-R", "xdp.exit_frame || !xdp", "-T", "fields", "-e", "frame.number")
        self.assertEqual(output.split(), [], "the first pass does not know what is to come")
        self.assertEqual(wireshark.tshark("-r", path, "-2", "-Y", "xdp.exit_frame == 4", "-T", "fields", "-e",
                                          "frame.number").split(), ["3"])


class Links(Case):
    def test_in_one_pass_and_in_two(self):
        data = Program().entry(1).entry(2).exit(number=2).exit(number=1).data
        self.assertEqual(self.fields(data, "xdp.entry_frame", "xdp.exit_frame"),
                         [["", ""], ["", ""], ["2", ""], ["1", ""]])
        self.assertEqual(self.links(data), [["", "4"], ["", "3"], ["2", ""], ["1", ""]])

    def test_an_exit_that_comes_first(self):
        data = Program().exit(time=5000001).entry(time=5000000).data
        self.assertEqual(self.links(data), [["2", ""], ["", "1"]])

    def test_programs_and_devices(self):
        data = Program(("fw", 1, "eth0"), ("fw", 2, "eth0"), ("lb", 3, "eth0"), ("fw", 1, "eth1"))
        for interface in (0, 2, 4, 6):
            data.entry(interface=interface)
        for interface in (7, 5, 1, 3):
            data.exit(interface=interface)
        self.assertEqual(self.links(data.data), [["", "7"], ["", "8"], ["", "6"], ["", "5"],
                                                 ["4", ""], ["3", ""], ["1", ""], ["2", ""]])

    def test_programs_that_only_the_comments_tell_apart(self):
        data = Pcapng().interface("all")
        for point, programs in (("entry", "abc"), ("exit action=TX", "cab")):
            for program in programs:
                data.packet(data.comment(f"xdp at={point} prog={program}"), data.packet_id(7))
        self.assertEqual(self.links(data.data), [["", "5"], ["", "6"], ["", "4"], ["3", ""], ["1", ""], ["2", ""]])

    def test_sections(self):
        data = Program().entry().data + Program().exit().data + Program().entry().exit().data
        self.assertEqual(self.links(data), [["", ""], ["", ""], ["", "4"], ["3", ""]])

    def test_programs_of_a_later_section(self):
        data = Program(("fw", 1, "eth0"), ("lb", 2, "eth0"))
        data.entry(interface=2).entry(interface=0).exit(interface=1).exit(interface=3).entry(2, 0).exit("action=TX", 2, 3)
        self.assertEqual(self.links(Program().entry().data + data.data),
                         [["", ""], ["", "5"], ["", "4"], ["3", ""], ["2", ""], ["", ""], ["", ""]])

    def test_lost_sightings(self):
        data = Program().entry(1).exit(number=2).entry(3).exit(number=3).data
        self.assertEqual(self.links(data), [["", ""], ["", ""], ["", "4"], ["3", ""]])

    def test_the_same_number_much_later(self):
        data = Program().entry(time=1000000).exit(time=100000000).entry(time=100000001).exit(time=100000002).data
        self.assertEqual(self.links(data), [["", ""], ["", ""], ["", "4"], ["3", ""]])

    def test_merged_files(self):
        first = self.file(Program().entry(1).entry(2).exit(number=1).exit(number=2).data)
        other = self.file(Program(("fw", 813, "eth0")).entry(1).exit(number=1).data)
        merged = wireshark.home / f"{self.id()}-merged.pcapng"
        one = [["", "3"], ["", "4"], ["1", ""], ["2", ""]]
        again = [["", "7"], ["", "8"], ["5", ""], ["6", ""]]
        for mode in ("none", "all", "any"):
            wireshark.run("mergecap", "-I", mode, "-a", "-w", merged, first, first, other)
            self.assertEqual(wireshark.fields(merged, ["xdp.entry_frame", "xdp.exit_frame"], "-2"),
                             one + again + [["", "10"], ["9", ""]], mode)
            # By time: each packet comes twice.
            wireshark.run("mergecap", "-I", mode, "-w", merged, first, first)
            links = wireshark.fields(merged, ["xdp.entry_frame", "xdp.exit_frame"], "-2")
            self.assertEqual(sorted(int(entry or 0) for entry, _ in links), [0] * 4 + [1, 2, 3, 4], mode)
            self.assertEqual({links[int(entry) - 1][1] for entry, _ in links if entry}, {"5", "6", "7", "8"}, mode)

    def test_a_capture_of_entries_beside_one_of_both(self):
        data = Program()
        data.data = Pcapng().data
        data.program("fw", 812, "eth0", ("entry",))
        data.program("fw", 812, "eth0")
        data.seen(0, "xdp at=entry action=TX").entry(interface=1).exit(interface=2)
        self.assertEqual(self.links(data.data), [["", ""], ["", "3"], ["2", ""]])

    def test_very_many_of_one_number(self):
        data = Program()
        for _ in range(20000):
            data.entry()
        data.exit()
        links = self.links(data.data)
        self.assertEqual(len(links), 20001)
        self.assertTrue(links[-1][0])

    def test_files_loaded_one_after_the_other(self):
        first = self.file(Program().entry().data)
        second = self.file(Program().exit().data)
        third = self.file(Program().entry().exit(frame=patched(FRAME, (TTL, b"\x3f"))).data)
        answers = wireshark.sharkd(
            ("load", {"file": str(first)}), ("load", {"file": str(second)}),
            ("frames", {"filter": "xdp.entry_frame"}), ("load", {"file": str(third)}),
            # Not the filter of before: 4.0's sharkd would not look again.
            ("frames", {"filter": "xdp.entry_frame == 1"}), ("frames", {"filter": "xdp.exit_frame == 2"}),
            ("frame", {"frame": 2, "proto": True}), ("frame", {"frame": 1, "proto": True}))
        self.assertEqual(answers[3], [])
        self.assertEqual([frame["num"] for frame in answers[5]], [2])
        self.assertEqual([frame["num"] for frame in answers[6]], [1])
        self.assertIn("Entry: 1", str(answers[7]))
        self.assertIn("ip.ttl", str(answers[7]))
        self.assertIn("Exit: 2", str(answers[8]))


class Changes(Case):
    def test_ttl_and_checksum(self):
        exit = patched(FRAME, (TTL, b"\x3f"), (CHECKSUM, b"\xfa\xb4"))
        title, rows = self.changes(FRAME, exit)
        self.assertEqual(title, "Changes: ip.ttl, ip.checksum")
        self.assertEqual(rows, ["Octet 22, Time to Live (ip.ttl): 64 -> 63",
                                "Octets 24-25, Header Checksum (ip.checksum): 0xf9b4 -> 0xfab4"])

    def test_nat(self):
        exit = patched(FRAME, (0, bytes(range(6))), (SOURCE, b"\x0a\x01\x00\x09"), (PORT, b"\x00\x35"))
        title, rows = self.changes(FRAME, exit)
        self.assertEqual(title, "Changes: eth.dst, ip.src, udp.dstport")
        self.assertEqual(rows, ["Octets 0-5, Destination (eth.dst): 02:00:00:00:00:02 -> 00:01:02:03:04:05",
                                "Octets 26-29, Source Address (ip.src): 10.0.0.1 -> 10.1.0.9",
                                "Octets 36-37, Destination Port (udp.dstport): 9 -> 53"])

    def test_bits_of_a_field(self):
        title, rows = self.changes(FRAME, patched(FRAME, (15, b"\x01")))
        self.assertEqual((title, len(rows)), ("Changes: ip.dsfield", 1), rows)

    def test_tag_of_a_vlan(self):
        entry = FRAME[:12] + TAG + FRAME[12:]
        title, rows = self.changes(entry, patched(entry, (14, b"\x20\x06")))
        self.assertEqual(title, "Changes: vlan.priority, vlan.id")
        self.assertEqual(rows, ["Octets 14-15, Priority (vlan.priority): 0 -> 1",
                                "Octets 14-15, ID (vlan.id): 5 -> 6"])

    def test_octets_without_a_value(self):
        title, rows = self.changes(FRAME, FRAME[:-4] + b"DATA")
        self.assertRegex(title, r"^Changes: [a-z.]+$")
        self.assertRegex(rows[0], r"^Octets 42-45, .*: 64617461 -> 44415441$")

    def test_octets_without_a_name(self):
        entry, exit = FRAME + bytes(10), FRAME + bytes(9) + b"\x01"
        title, rows = self.changes(entry[:14] + b"\x00" * 42, exit[:14] + b"\x00" * 41 + b"\x01")
        self.assertRegex(rows[0], "^Octet 55.*: 00 -> 01$")

    def test_vlan_push(self):
        title, rows = self.changes(FRAME, FRAME[:12] + TAG + FRAME[12:], "action=PASS changed=bytes,head")
        self.assertEqual((title, rows), ("Changes: 4 octets added at 12",
                                         ["4 octets added at 12: 81000005", "Octets 12-13, Type (eth.type): 0x8100",
                                          "Octets 14-15, Priority (vlan.priority): 0", "Octets 14-15, DEI (vlan.dei): 0",
                                          "Octets 14-15, ID (vlan.id): 5"]))

    def test_vlan_pop(self):
        title, rows = self.changes(FRAME[:12] + TAG + FRAME[12:], patched(FRAME, (TTL, b"\x3f")),
                                   "action=PASS changed=bytes,head")
        self.assertEqual(title, "Changes: 4 octets removed at 12, ip.ttl")
        self.assertEqual(rows, ["4 octets removed at 12: 81000005", "VLAN tag, ID (vlan.id): 5", "Octet 22, Time to Live (ip.ttl): 64 -> 63"])

    def test_encapsulation(self):
        outer = FRAME[:ETHERNET] + bytes.fromhex("450000340000000040040000c0a80001c0a80002")
        title, rows = self.changes(FRAME, outer + FRAME[ETHERNET:], "action=TX changed=head,bytes")
        self.assertEqual(title, "Changes: 20 octets added at 14")
        self.assertIn("Octets 26-29, Source Address (ip.src): 192.168.0.1", rows)
        self.assertNotIn("ip.src", rows[0])
        title, rows = self.changes(FRAME, bytes(50) + FRAME, "action=TX changed=head")
        self.assertEqual(title, "Changes: 50 octets added in front")
        title, rows = self.changes(bytes(50) + FRAME, FRAME, "action=TX changed=head")
        self.assertEqual(title, "Changes: 50 octets removed in front")

    def test_tail(self):
        title, rows = self.changes(FRAME, FRAME[:-4], "action=TX changed=tail")
        self.assertEqual((title, rows), ("Changes: 4 octets removed at the end",
                                         ["4 octets removed at the end: 64617461"]))
        title, rows = self.changes(FRAME, FRAME + b"\x01\x02", "action=TX changed=tail")
        self.assertEqual((title, rows), ("Changes: 2 octets added at the end", ["2 octets added at the end: 0102",
                                                                                 "Octets 46-47, Trailer (eth.trailer): 0102"]))

    def test_head_and_tail(self):
        title, rows = self.changes(FRAME, bytes(range(100, 120)) + patched(FRAME, (TTL, b"\x3f"))[:-4],
                                   "action=TX changed=bytes,head,tail")
        self.assertRegex(title, "^Changes: 20 octets added in front, .*, 4 octets removed at the end$")

    def test_an_end_that_the_file_does_not_tell(self):
        for exit, title in ((FRAME[:12] + TAG + FRAME[12:], "4 octets added at 12"),
                            (FRAME[:-4], "4 octets removed at the end"), (FRAME[4:], "4 octets removed in front")):
            data = Pcapng().interface("eth0:xdp_main()@fentry").interface("eth0:xdp_main()@fexit")
            data.packet(data.packet_id(1)).packet(data.packet_id(1), data.verdict(3), interface=1, frame=exit)
            output = wireshark.tshark("-r", self.file(data.data), "-V", "-O", "xdp")
            self.assertIn(f"[Changes: {title}]", output)

    def test_nothing_changed(self):
        self.assertEqual(self.changes(FRAME, FRAME, "action=PASS"), (None, []))

    def test_packets_that_were_cut(self):
        entry = FRAME + bytes(3000)
        exit = patched(entry, (TTL, b"\x3f"), (2000, b"\x01"))
        title, rows = self.changes(entry, exit)
        self.assertEqual((title, len(rows)), ("Changes: ip.ttl, only 256 octets were compared", 1))
        data = Program().entry(frame=entry).exit(frame=exit).data
        path = self.file(data)
        output = wireshark.tshark("-r", path, "-V", "-O", "xdp", "-o", "xdp.entry_octets:4000")
        self.assertIn("Octet 2000", output)
        self.assertNotIn("were compared", output)
        output = wireshark.tshark("-r", path, "-V", "-O", "xdp", "-o", "xdp.entry_octets:0")
        self.assertNotIn("Changes", output)
        self.assertIn("[Entry: 1]", output)
        data = Program().entry(frame=FRAME[:20], wire_length=1000).exit(frame=FRAME[:30], wire_length=1000).data
        self.assertIn("only 20 octets were compared", wireshark.tshark("-r", self.file(data), "-V", "-O", "xdp"))

    def test_lengths_that_cannot_be(self):
        for lengths in ((0xFFFFFFFF, 46), (46, 0xFFFFFFFF), (0x80000000, 0x7FFFFFFF), (1, 0xFFFFFFFF)):
            for words in ("head", "tail", "head,tail", "bytes"):
                data = Program().entry(wire_length=lengths[0])
                data.exit("action=TX changed=" + words, wire_length=lengths[1])
                self.assertIn("XDP, Action: TX", wireshark.tshark("-r", self.file(data.data), "-V", "-O", "xdp"))

    def test_all_octets(self):
        title, rows = self.changes(FRAME, bytes(octet ^ 0xFF for octet in FRAME))
        self.assertTrue(rows)
        entry = bytes(400)
        title, rows = self.changes(entry, bytes((0, 1) * 200))
        self.assertRegex(title, "^Changes: .*, and more, only 256 octets were compared$")
        self.assertRegex(rows[-1], "^Octets 127-255: ")


class Shown(Case):
    def test_a_frame_of_which_only_the_linear_part_is_there(self):
        data = Program().entry().exit("action=PASS part=linear", wire_length=9000)
        path = self.file(data.data)
        self.assertEqual(wireshark.frames(path, "xdp.linear"), [2])
        self.assertIn(NOTE, wireshark.fields(path, ["_ws.expert.severity"])[1][0])
        answers = wireshark.sharkd(("load", {"file": str(path)}), ("tap", {"tap0": "expert"}))
        self.assertIn("first part of a frame", str(answers[2]))

    def test_info_column(self):
        data = Program().entry().exit("action=TX changed=bytes").entry(2).exit("action=DROP", number=2).data
        lines = wireshark.tshark("-r", self.file(data), "-o", "xdp.info_column:true").splitlines()
        self.assertRegex(lines[1], r" \[TX, changed\] \S")
        self.assertRegex(lines[3], r" \[DROP\] \S")
        self.assertNotIn("[", lines[0] + lines[2])

    def test_links_of_the_types_that_wireshark_draws(self):
        lines = [line.split("\t") for line in wireshark.tshark("-G", "fields").splitlines()]
        found = {line[2]: line[3] for line in lines if line[0] == "F"}
        self.assertEqual((found["xdp.entry_frame"], found["xdp.exit_frame"]), ("FT_FRAMENUM", "FT_FRAMENUM"))

    def statistics(self, data):
        output = wireshark.tshark("-q", "-z", "xdp,tree", "-r", self.file(data))
        rows, part = {}, None
        for line in output.splitlines():
            match = re.match(r"( *)(\S.*?) {2,}(\d+)((?: +[\d.]+)*)", line)
            if match:
                part = match[2] if not match[1] else part
                rows[part, match[2] if match[1] else ""] = (int(match[3]), match[4].split())
        return rows

    def test_statistics_count_a_packet_once(self):
        data = Program().entry(1).exit("action=TX ns=100", 1).entry(2).exit("action=TX ns=300", 2)
        data.entry(3).exit("action=REDIRECT ns=200 redirect=if:eth1", 3).entry(4)
        rows = self.statistics(data.data)
        self.assertEqual(rows["Actions", ""][0], 3)
        self.assertEqual(rows["Actions", "TX"][0], 2)
        self.assertEqual(rows["Programs", "fw#812"][0], 3)
        self.assertEqual((rows["Points", "entry"][0], rows["Points", "exit"][0]), (4, 3))
        self.assertEqual(rows["Latency (ns)", "fw#812"][0], 3)
        self.assertEqual([float(value) for value in rows["Latency (ns)", "fw#812"][1][:3]], [200, 100, 300])
        self.assertEqual(rows["Redirects", "if:eth1"][0], 1)

    def test_statistics_count_entries_alone(self):
        data = Program()
        data.data = Pcapng().data
        data.program("fw", 812, "eth0", ("entry",))
        rows = self.statistics(data.entry(1).entry(2).seen(0, "xdp at=entry action=DROP", 3).data)
        self.assertEqual((rows["Programs", "fw#812"][0], rows["Actions", "DROP"][0]), (3, 1))

    def test_nothing_is_added_for_hooks(self):
        data = Pcapng().interface("fw", "xdp hook=/a")
        rows = self.statistics(data.packet(data.comment("xdp action=DROP")).data)
        self.assertNotIn("Points", [part for part, _ in rows])


if __name__ == "__main__":
    wireshark = Wireshark(sys.argv.pop(1))
    try:
        program = unittest.main(exit=False, verbosity=2)
    finally:
        wireshark.close()
    sys.exit(not program.result.wasSuccessful())
