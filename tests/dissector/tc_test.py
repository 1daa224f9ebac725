# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of tc programs at entry and at exit. Arguments: the plugin, then those of unittest."""

import sys
import unittest

from pcapng import FRAME, VERDICT_TC, Pcapng
from wireshark import Wireshark


class Program(Pcapng):
    """A section with the two interfaces of the program fw#812, for each of the directions."""

    def __init__(self, *directions):
        super().__init__()
        self.time = 1000000
        for direction in directions or ("ingress",):
            for point in ("entry", "exit"):
                self.interface(f"tc:eth0:fw()@f{point}", f"skb at={point} dir={direction} prog=fw#812 if=eth0")

    def seen(self, interface, text, number=1, frame=FRAME, *options):
        self.time += 1
        return self.packet(self.comment(text), self.packet_id(number), *options, interface=interface, frame=frame, time=self.time)


class Case(unittest.TestCase):
    def fields(self, program, *names):
        return wireshark.fields(wireshark.write(f"{self.id()}.pcapng", program.data), names, "-2")

    def test_of_entry_and_exit(self):
        program = Program().seen(0, "skb at=entry").seen(1, "skb at=exit action=SHOT ns=412 changed=bytes,mark mark=0x7")
        self.assertEqual(
            self.fields(program, "skb.point", "skb.action", "skb.direction", "skb.program", "skb.program_id", "skb.interface",
                        "skb.program_latency", "skb.changed", "skb.mark", "skb.entry_frame", "skb.exit_frame"),
            [["entry", "", "ingress", "fw", "812", "eth0", "", "", "", "", "2"],
             ["exit", "SHOT", "ingress", "fw", "812", "eth0", "412", "bytes,mark", "0x00000007", "1", ""]])

    def test_whole_comments(self):
        program = Program().seen(1, "skb at=exit action=REDIRECT dir=egress prog=lb#9 if=eth1 redirect=if:eth2")
        self.assertEqual(self.fields(program, "skb.action", "skb.direction", "skb.program", "skb.interface", "skb.redirect"),
                         [["REDIRECT", "egress", "lb", "eth1", "if:eth2"]])

    def test_none_is_of_xdp(self):
        program = Program().seen(0, "skb at=entry").seen(1, "skb at=exit action=OK ns=1")
        program.packet(program.verdict(2, VERDICT_TC), interface=1, time=1000009)
        self.assertEqual(self.fields(program, "xdp.action", "xdp.point", "xdp.program"), [["", "", ""]] * 3)

    def test_a_program_for_both_directions(self):
        """Packets are numbered for each direction."""
        program = Program("ingress", "egress")
        for interface in (0, 2, 3, 1):
            words = " action=OK ns=1" if interface % 2 else ""
            program.seen(interface, f"skb at={'exit' if interface % 2 else 'entry'}{words}")
        self.assertEqual(self.fields(program, "skb.entry_frame", "skb.exit_frame"), [["", "4"], ["", "3"], ["2", ""], ["1", ""]])

    def test_the_other_description_does_not_count(self):
        program = Program().seen(0, "skb at=drops reason=NO_SOCKET")
        self.assertEqual(self.fields(program, "skb.point", "skb.program", "skb.exit_frame"), [["drops", "", ""]])


if __name__ == "__main__":
    wireshark = Wireshark(sys.argv.pop(1))
    wireshark.run_unittest()
