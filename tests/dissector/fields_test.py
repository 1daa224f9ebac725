# SPDX-License-Identifier: GPL-2.0-or-later
"""What tshark shows about XDP with the plugin. Arguments: the plugin, then those of unittest."""

import re
import struct
import sys
import unittest

from pcapng import FRAME, VERDICT_HARDWARE, VERDICT_TC, Pcapng, commented
from wireshark import Wireshark

WHOLE = "xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1"
ACTIONS = ("ABORTED", "DROP", "PASS", "TX", "REDIRECT")
# PI_COMMENT, PI_NOTE and PI_WARN of epan/proto.h
SEVERITY_COMMENT, SEVERITY_NOTE, SEVERITY_WARNING = "1048576", "4194304", "6291456"
FIELDS = {
    "xdp.action": "FT_UINT32",
    "xdp.hook": "FT_STRING",
    "xdp.program": "FT_STRING",
    "xdp.program_id": "FT_UINT32",
    "xdp.interface": "FT_STRING",
    "xdp.netns": "FT_STRING",
    "xdp.queue": "FT_UINT32",
    "xdp.cpu": "FT_UINT32",
    "xdp.wire_length": "FT_UINT32",
}


class Case(unittest.TestCase):
    def file(self, data):
        return wireshark.write(f"{self.id()}.pcapng", data)

    def fields(self, data, *names):
        return wireshark.fields(self.file(data), names)

    def details(self, data):
        """The lines of the packet details from XDP on."""
        output = wireshark.tshark("-r", self.file(data), "-V", "-O", "xdp")
        before, found, after = output.partition("\nXDP")
        self.assertTrue(found, before)
        return [line.strip() for line in ("XDP" + after).splitlines() if line]

    def experts(self, path):
        """The expert infos of each packet, except the one that Wireshark adds for a comment."""
        lines = wireshark.fields(path, ["_ws.expert.message", "_ws.expert.severity"])
        return [[pair for pair in zip(messages.split(","), severities.split(","))
                 if pair[1] != SEVERITY_COMMENT] for messages, severities in lines]


class Plugin(Case):
    def test_tshark_loads_the_plugin_that_was_built(self):
        self.assertIn(str(wireshark.plugin), wireshark.tshark("-G", "plugins"))

    def test_every_field_is_registered_from_the_start(self):
        lines = [line.split("\t") for line in wireshark.tshark("-G", "fields").splitlines()]
        found = {line[2]: line[3] for line in lines if line[0] == "F"}
        for name, kind in FIELDS.items():
            self.assertEqual(found.get(name), kind, name)
        self.assertIn("xdp.aborted", found)
        self.assertIn("xdp.lost", found)


class Comment(Case):
    def test_every_field(self):
        self.assertEqual(
            self.fields(commented(WHOLE), *FIELDS),
            [["1", "/sys/fs/bpf/fw", "fw", "812", "eth0", "", "3", "1", str(len(FRAME))]])

    def test_network_namespace(self):
        data = commented("xdp action=DROP if=eth0 netns=blue", "xdp action=DROP netns=4026532201",
                         "xdp action=DROP netns=a%20b")
        self.assertEqual(self.fields(data, "xdp.netns"), [["blue"], ["4026532201"], ["a b"]])

    def test_packet_details(self):
        self.assertEqual(
            self.details(commented(WHOLE)),
            ["XDP, Action: DROP, Hook: /sys/fs/bpf/fw", "[Action: DROP (1)]",
             "[Hook: /sys/fs/bpf/fw]", "[Program: fw]", "[Program ID: 812]",
             "[Interface: eth0]", "[Queue: 3]", "[CPU: 1]", f"[Wire length: {len(FRAME)}]"])

    def test_only_an_action(self):
        self.assertEqual(
            self.fields(commented("xdp action=TX"), *FIELDS),
            [["3", "", "", "", "", "", "", "", str(len(FRAME))]])
        self.assertIn("XDP, Action: TX", self.details(commented("xdp action=TX")))

    def test_program_in_the_summary_when_the_hook_is_unknown(self):
        self.assertIn("XDP, Action: PASS, Program: a#b",
                      self.details(commented("xdp action=PASS prog=a#b#9")))

    def test_percent_encoding(self):
        self.assertEqual(
            self.fields(commented("xdp action=PASS hook=/a%20b%25/%C3%BC prog=a%23b#7"),
                        "xdp.hook", "xdp.program", "xdp.program_id"),
            [["/a b%/ü", "a#b", "7"]])

    def test_octets_that_are_not_utf8(self):
        self.assertEqual(self.fields(commented("xdp action=PASS hook=/%ffx"), "xdp.hook"),
                         [["/\ufffdx"]])
        raw = self.fields(commented(b"xdp action=PASS hook=/\xff\xfe\xc3"), "xdp.action")
        self.assertEqual(raw, [["2"]])

    def test_control_characters_are_shown_escaped(self):
        details = self.details(commented("xdp action=PASS hook=/a%0a%1bb"))
        self.assertIn("XDP, Action: PASS, Hook: /a\\n\\033b", details)

    def test_wire_length_of_a_packet_that_was_cut(self):
        section = Pcapng().interface("fw")
        section.packet(section.comment(WHOLE), wire_length=9000)
        self.assertEqual(self.fields(section.data, "frame.cap_len", "xdp.wire_length"),
                         [[str(len(FRAME)), "9000"]])

    def test_queue_option_when_the_comment_has_none(self):
        section = Pcapng().interface("fw")
        section.packet(section.comment("xdp action=DROP"), section.queue(7))
        section.packet(section.comment("xdp action=DROP queue=3"), section.queue(7))
        self.assertEqual(self.fields(section.data, "xdp.queue"), [["7"], ["3"]])

    def test_first_well_formed_of_several(self):
        section = Pcapng().interface("fw")
        section.packet(section.comment("seen by Eve"), section.comment("xdp action="),
                       section.comment("xdp action=TX cpu=5"), section.comment(WHOLE))
        self.assertEqual(self.fields(section.data, "xdp.action", "xdp.hook", "xdp.cpu"),
                         [["3", "", "5"]])

    def test_foreign_and_malformed_ones_are_left_alone(self):
        data = commented("", "xdp", "xdp is fast", "xdp action=drop", "xdp  action=DROP",
                         "xdp action=DROP ", "xdp action=DROP hook=%zz", "xdp hook=/a",
                         "xdp action=DROP action=PASS", "xdp action=DROP hook=/%00", b"\xff\xfe", "xdp action=DROP " + "x" * 60000,
                         "xdp action=DROP hook=" + "x" * 4097)
        path = self.file(data)
        self.assertEqual(wireshark.frames(path, "xdp"), [])
        self.assertEqual(len(wireshark.frames(path, "frame")), 13)

    def test_very_many_comments(self):
        section = Pcapng().interface("fw")
        section.packet(*[section.comment("no") for _ in range(20000)], section.comment(WHOLE))
        self.assertEqual(self.fields(section.data, "xdp.action"), [["1"]])

    def test_packets_without_comments(self):
        section = Pcapng().interface("fw").packet().packet()
        self.assertEqual(wireshark.frames(self.file(section.data), "xdp"), [])

    def test_pcap_files_are_left_alone(self):
        data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        data += struct.pack("<IIII", 0, 0, len(FRAME), len(FRAME)) + FRAME
        path = self.file(data)
        self.assertEqual(wireshark.frames(path, "xdp"), [])
        self.assertEqual(wireshark.frames(path, "udp"), [1])


class Interface(Case):
    """The description of an interface has what its packets have in common."""
    COMMON = "xdp hook=/sys/fs/bpf/fw prog=fw#812 if=eth0"
    NAMES = ("xdp.action", "xdp.hook", "xdp.program", "xdp.program_id", "xdp.interface", "xdp.queue", "xdp.cpu")
    EXPECTED = [["1", "/sys/fs/bpf/fw", "fw", "812", "eth0", "3", "2"],
                ["2", "/sys/fs/bpf/fw", "fw", "813", "eth0", "0", "1"],
                ["3", "/sys/fs/bpf/lb", "lb", "9", "", "7", "5"],
                ["0", "/sys/fs/bpf/fw", "fw", "812", "eth0", "", "0"]]

    def section(self):
        section = Pcapng().interface("fw", self.COMMON).interface("lb", "xdp hook=/sys/fs/bpf/lb prog=lb#9")
        section.packet(section.comment("xdp action=DROP"), section.packet_id(2 << 48 | 7), section.queue(3))
        section.packet(section.comment("xdp action=PASS hook=/sys/fs/bpf/fw prog=fw#813 if=eth0 queue=0 cpu=1"))
        section.packet(section.comment("xdp action=TX"), section.packet_id(5 << 48 | 7), section.queue(7),
                       interface=1)
        section.packet(section.comment("xdp action=ABORTED"), section.packet_id(8))
        return section

    def test_short_comments(self):
        self.assertEqual(self.fields(self.section().data, *self.NAMES), self.EXPECTED)

    def test_network_namespace(self):
        section = Pcapng().interface("fw", self.COMMON + " netns=blue")
        section.packet(section.comment("xdp action=DROP"))
        section.packet(section.comment("xdp action=DROP hook=/sys/fs/bpf/fw if=eth0"))
        self.assertEqual(self.fields(section.data, "xdp.netns"), [["blue"], [""]])

    def test_verdict_without_a_comment(self):
        section = Pcapng().interface("fw", self.COMMON)
        section.packet(section.verdict(1), section.packet_id(2 << 48 | 7), section.queue(3))
        self.assertEqual(self.fields(section.data, *self.NAMES), self.EXPECTED[:1])

    def test_a_comment_with_a_hook_is_whole(self):
        section = Pcapng().interface("fw", self.COMMON)
        section.packet(section.comment("xdp action=DROP hook=/sys/fs/bpf/fw"), section.packet_id(2 << 48 | 7))
        self.assertEqual(self.fields(section.data, *self.NAMES), [["1", "/sys/fs/bpf/fw", "", "", "", "", ""]])

    def test_sections_have_interfaces_of_their_own(self):
        def section(order, *hooks):
            section = Pcapng(order)
            for hook in hooks:
                section.interface(hook, f"xdp hook=/{hook} prog={hook}#1 if={hook}0")
            for number in range(len(hooks)):
                section.packet(section.comment("xdp action=DROP"), interface=number)
            return section.data

        shown = self.fields(section("<", "a", "b") + section(">", "c") + section("<", "d", "e"),
                            "xdp.action", "xdp.hook", "xdp.program", "xdp.interface")
        # Wireshark 4.0 does not say which interfaces those of later sections are.
        later = [[["1", f"/{hook}", hook, f"{hook}0"], ["1", "", "", ""]] for hook in "cde"]
        self.assertEqual(shown[:2], [["1", "/a", "a", "a0"], ["1", "/b", "b", "b0"]])
        for row, allowed in zip(shown[2:], later, strict=True):
            self.assertIn(row, allowed)

    def test_other_descriptions_are_left_alone(self):
        for description in ("Ethernet", "xdp prog=fw#812", "xdp action=DROP hook=/a", "xdp hook=/a hook=/b"):
            section = Pcapng().interface("fw", description)
            section.packet(section.comment("xdp action=DROP"), section.packet_id(2 << 48 | 7))
            self.assertEqual(self.fields(section.data, *self.NAMES), [["1", "", "", "", "", "", ""]])

    def test_files_that_were_saved_again_cut_and_merged(self):
        path = self.file(self.section().data)
        again, cut, merged = (wireshark.home / f"{self.id()}-{name}.pcapng" for name in ("again", "cut", "merged"))
        wireshark.run("editcap", path, again)
        self.assertEqual(wireshark.fields(again, self.NAMES), self.EXPECTED)
        wireshark.run("editcap", "-r", path, cut, "3-4")
        self.assertEqual(wireshark.fields(cut, self.NAMES), self.EXPECTED[2:])
        wireshark.run("tshark", "-r", path, "-Y", "xdp.action != PASS", "-w", cut)
        self.assertEqual(wireshark.fields(cut, self.NAMES), self.EXPECTED[:1] + self.EXPECTED[2:])
        other = Pcapng().interface("x", "xdp hook=/other if=eth9")
        other.packet(other.comment("xdp action=DROP"), other.packet_id(4 << 48 | 7))
        for mode in ("none", "all", "any"):
            wireshark.run("mergecap", "-I", mode, "-a", "-w", merged, self.file(other.data), path, path)
            self.assertEqual(wireshark.fields(merged, self.NAMES),
                             [["1", "/other", "", "", "eth9", "", "4"]] + self.EXPECTED * 2, mode)

    def file(self, data):
        self.count = getattr(self, "count", 0) + 1
        return wireshark.write(f"{self.id()}-{self.count}.pcapng", data)


class Statistics(Case):
    def rows(self, path):
        """Name and count of each row of the tree, indented by a blank per level."""
        output = wireshark.tshark("-q", "-z", "xdp,tree", "-r", path)
        lines = [line for line in output.splitlines() if line.strip("=-")]
        return [tuple(re.match(r"( *\S+) +(\d+) ", line).groups()) for line in lines[2:]]

    def test_packets_by_action_hook_program_device_queue_and_cpu(self):
        path = self.file(commented(WHOLE, WHOLE, WHOLE.replace("DROP", "PASS"), "xdp action=TX", "not ours"))
        self.assertEqual(sorted(self.rows(path)), sorted([
            ("Actions", "4"), (" DROP", "2"), (" PASS", "1"), (" TX", "1"),
            ("Hooks", "3"), (" /sys/fs/bpf/fw", "3"), ("  DROP", "2"), ("  PASS", "1"),
            ("Programs", "3"), (" fw#812", "3"), ("  DROP", "2"), ("  PASS", "1"),
            ("Devices", "3"), (" eth0", "3"), ("  DROP", "2"), ("  PASS", "1"),
            ("Queues", "3"), (" 3", "3"), ("  DROP", "2"), ("  PASS", "1"),
            ("CPUs", "3"), (" 1", "3"), ("  DROP", "2"), ("  PASS", "1")]))

    def test_control_characters_are_shown_escaped(self):
        path = self.file(commented("xdp action=PASS hook=/a%0a%1bb prog=%1b if=%1b"))
        output = wireshark.tshark("-q", "-z", "xdp,tree", "-r", path)
        self.assertNotIn("\x1b", output)
        self.assertIn(" /a\\n\\033b ", output)


class InfoColumn(Case):
    def test_has_the_action_where_the_preference_says_so(self):
        path = self.file(commented(WHOLE))
        self.assertNotIn("DROP", wireshark.tshark("-r", path))
        self.assertRegex(wireshark.tshark("-o", "xdp.info_column:TRUE", "-r", path), r" \[DROP\] \S")


class Filters(Case):
    def setUp(self):
        self.path = self.file(commented(*(f"xdp action={action} cpu={i}"
                                          for i, action in enumerate(ACTIONS))))

    def test_every_spelling_of_an_action(self):
        for number, name in enumerate(ACTIONS):
            for spelling in (name, f'"{name}"', name.lower(), f"XDP_{name}", str(number)):
                with self.subTest(spelling=spelling):
                    self.assertEqual(wireshark.frames(self.path, f"xdp.action == {spelling}"),
                                     [number + 1])

    def test_sets_and_negation(self):
        self.assertEqual(wireshark.frames(self.path, "xdp.action in {DROP, TX}"), [2, 4])
        self.assertEqual(wireshark.frames(self.path, "xdp.action != PASS"), [1, 2, 4, 5])

    def test_other_fields(self):
        self.assertEqual(wireshark.frames(self.path, "xdp.cpu > 2"), [4, 5])
        self.assertEqual(wireshark.frames(self.path, "xdp.queue"), [])
        self.assertEqual(wireshark.frames(self.path, "xdp.wire_length == frame.len"),
                         [1, 2, 3, 4, 5])

    def test_two_passes(self):
        output = wireshark.tshark("-r", self.path, "-2", "-R", "xdp.action == DROP", "-T",
                                  "fields", "-e", "xdp.cpu")
        self.assertEqual(output.split(), ["1"])

    def test_column(self):
        output = wireshark.tshark("-r", self.path, "-o",
                                  'gui.column.format:"No.","%m","XDP","%Cus:xdp.action:0:R"')
        self.assertEqual([line.split() for line in output.splitlines()],
                         [[str(i), action] for i, action in enumerate(ACTIONS, 1)])


class Experts(Case):
    def test_aborted(self):
        path = self.file(commented("xdp action=ABORTED", "xdp action=DROP"))
        self.assertEqual(wireshark.frames(path, "xdp.aborted"), [1])
        self.assertEqual(
            self.experts(path),
            [[("XDP program aborted: usually an error inside it", SEVERITY_WARNING)], []])

    def test_packets_lost_before_this_one(self):
        section = Pcapng().interface("fw")
        for count in (0, 1, 1 << 40):
            section.packet(section.comment(WHOLE), section.dropcount(count))
        path = self.file(section.data)
        self.assertEqual(wireshark.frames(path, "xdp.lost"), [2, 3])
        self.assertEqual(self.experts(path),
                         [[], [("1 packet lost before this one", SEVERITY_NOTE)],
                          [(f"{1 << 40} packets lost before this one", SEVERITY_NOTE)]])

    def test_the_expert_window_which_asks_for_no_tree(self):
        section = Pcapng().interface("fw")
        section.packet(section.comment("xdp action=ABORTED")).packet(section.comment(WHOLE), section.dropcount(3))
        answers = wireshark.sharkd(("load", {"file": str(self.file(section.data))}), ("tap", {"tap0": "expert"}))
        found = [(detail["f"], detail["m"]) for detail in answers[2]["taps"][0]["details"] if detail["p"] == "xdp"
                 or detail["p"] == "XDP"]
        self.assertEqual(sorted(found), [(1, "XDP program aborted: usually an error inside it"),
                                         (2, "3 packets lost before this one")])

    def test_packets_lost_elsewhere_are_not_ours(self):
        section = Pcapng().interface("eth0")
        section.packet(section.dropcount(5))
        self.assertEqual(wireshark.frames(self.file(section.data), "xdp.lost || xdp"), [])


class Verdict(Case):
    def test_counts_when_there_is_no_comment_of_ours(self):
        for order in "<>":
            with self.subTest(order=order):
                section = Pcapng(order).interface("fw")
                for action in range(5):
                    section.packet(section.comment("seen by Eve"), section.verdict(action),
                                   section.queue(2))
                self.assertEqual(
                    self.fields(section.data, "xdp.action", "xdp.queue", "xdp.hook"),
                    [[str(action), "2", ""] for action in range(5)])

    def test_comment_goes_first(self):
        section = Pcapng().interface("fw")
        section.packet(section.verdict(2), section.comment("xdp action=DROP"))
        section.packet(section.comment("xdp action=DROP"), section.verdict(2))
        self.assertEqual(self.fields(section.data, "xdp.action"), [["1"], ["1"]])

    def test_other_kinds_are_left_alone(self):
        section = Pcapng().interface("fw")
        section.packet(section.verdict(1, kind=VERDICT_TC))
        section.packet(section.verdict(1, kind=VERDICT_HARDWARE))
        section.packet(section.verdict(1, kind=VERDICT_TC), section.verdict(3))
        self.assertEqual(wireshark.frames(self.file(section.data), "xdp"), [3])
        self.assertEqual(self.fields(section.data, "xdp.action"), [[""], [""], ["3"]])

    def test_action_that_the_kernel_does_not_know(self):
        section = Pcapng().interface("fw")
        section.packet(section.verdict(5)).packet(section.verdict((1 << 64) - 1))
        path = self.file(section.data)
        self.assertEqual(wireshark.fields(path, ["xdp.action"]), [["5"], ["4294967295"]])
        self.assertEqual(wireshark.frames(path, "xdp.action.unknown"), [1, 2])


class Xdpcap(Case):
    def test_interface_names_tell_the_action(self):
        names = ("XDPAborted", "XDPDrop", "XDPPass", "XDPTx", "XDPxdpAction(4)", "eth0")
        section = Pcapng()
        for name in names:
            section.interface(name)
        for i in range(len(names)):
            section.packet(interface=i)
        self.assertEqual(self.fields(section.data, "xdp.action"),
                         [["0"], ["1"], ["2"], ["3"], ["4"], [""]])


class Xdpdump(Case):
    def setUp(self):
        section = Pcapng().interface("eth0:xdp_main()@fentry").interface("eth0:xdp_main()@fexit")
        section.packet(section.queue(4), section.packet_id(1), section.dropcount(0))
        section.packet(section.queue(4), section.packet_id(1), section.verdict(1), interface=1)
        self.path = self.file(section.data)

    def test_fields(self):
        names = ("xdp.action", "xdp.program", "xdp.interface", "xdp.queue", "xdp.program_id")
        self.assertEqual(wireshark.fields(self.path, names),
                         [["", "xdp_main", "eth0", "4", ""], ["1", "xdp_main", "eth0", "4", ""]])

    def test_summary(self):
        output = wireshark.tshark("-r", self.path, "-V", "-O", "xdp")
        self.assertIn("\nXDP, Program: xdp_main\n", output)
        self.assertIn("\nXDP, Action: DROP, Program: xdp_main\n", output)


class Edited(Case):
    def test_comment_that_editcap_replaced(self):
        path = self.file(commented("xdp action=DROP", "mine", "mine"))
        edited = wireshark.home / "edited.pcapng"
        wireshark.run("editcap", "-a", "2:xdp action=PASS hook=/edited", "-a",
                      "3:xdp action=TX hook=/added", path, edited)
        self.assertEqual(wireshark.fields(edited, ["xdp.action", "xdp.hook"]),
                         [["1", ""], ["2", "/edited"], ["3", "/added"]])

    def test_comment_that_the_user_added_and_did_not_save(self):
        section = Pcapng().interface("fw")
        section.packet(section.verdict(1), section.comment("seen by Eve"))
        path = self.file(section.data)
        answers = wireshark.sharkd(
            ("load", {"file": str(path)}),
            ("setcomment", {"frame": 1, "comment": "xdp action=PASS hook=/edited"}),
            ("frame", {"frame": 1, "proto": True}))
        labels = [node["l"] for node in answers[3]["tree"]]
        self.assertEqual([label for label in labels if label.startswith("XDP")],
                         ["XDP, Action: PASS, Hook: /edited"])


if __name__ == "__main__":
    wireshark = Wireshark(sys.argv.pop(1))
    wireshark.run_unittest()
