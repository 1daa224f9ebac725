# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that were followed through the kernel: how their sightings find each other, with times between.
Arguments: the plugin, then those of unittest."""

import sys
import unittest

from pcapng import Pcapng
from wireshark import Wireshark

FIELDS = ("skb.journey", "skb.latency", "skb.journey_time", "skb.previous_frame", "skb.next_frame")


class Followed(Pcapng):
    """A section with an interface, and sightings at times in microseconds."""

    def __init__(self, description="skb at=ingress,drops track=5eed"):
        super().__init__()
        self.interface("kernel:ingress,drops", description)

    def seen(self, point, journey, time, interface=0, words=""):
        number = "" if journey is None else f" journey={journey}"
        return self.packet(self.comment(f"skb at={point}{number}{words}"), interface=interface, time=time)


class Case(unittest.TestCase):
    count = 0

    def file(self, data):
        self.count += 1
        return wireshark.write(f"{self.id()}-{self.count}.pcapng", data)

    def rows(self, data, *arguments):
        return wireshark.fields(self.file(data), FIELDS, *arguments)


class Journeys(Case):
    DATA = (Followed().seen("netif_receive_skb", 5, 1000).seen("netif_receive_skb", 6, 1010)
            .seen("ip_rcv", 5, 1012).seen("netif_receive_skb", None, 1013)
            .seen("drops", 6, 1030, words=" reason=NO_SOCKET").seen("drops", 5, 2012).data)

    def test_both_passes(self):
        self.assertEqual(self.rows(self.DATA, "-2"),
                         [["5", "", "", "", "3"], ["6", "", "", "", "5"], ["5", "12000", "12000", "1", "6"],
                          ["", "", "", "", ""], ["6", "20000", "20000", "2", ""],
                          ["5", "1000000", "1012000", "3", ""]])

    def test_live(self):
        """A capture is read once: what is to come is not known."""
        self.assertEqual(self.rows(self.DATA),
                         [["5", "", "", "", ""], ["6", "", "", "", ""], ["5", "12000", "12000", "1", ""],
                          ["", "", "", "", ""], ["6", "20000", "20000", "2", ""],
                          ["5", "1000000", "1012000", "3", ""]])

    def test_filters(self):
        path = self.file(self.DATA)
        for text, expected in {
                "skb.journey": [1, 2, 3, 5, 6],
                "skb.journey == 5": [1, 3, 6],
                "skb.latency > 15000": [5, 6],
                "skb.journey_time >= 1012000": [6],
                "skb.previous_frame == 1": [3],
                "skb.previous_frame && skb.reason == NO_SOCKET": [5]}.items():
            self.assertEqual(wireshark.frames(path, text), expected, text)
        output = wireshark.tshark("-r", path, "-2", "-Y", "skb.next_frame == 6", "-T", "fields", "-e", "frame.number")
        self.assertEqual(output.split(), ["3"])

    def test_a_late_packet(self):
        data = Followed().seen("a", 1, 100).seen("c", 1, 300).seen("b", 1, 200).seen("first", 1, 50).seen("d", 1, 400)
        self.assertEqual(self.rows(data.data, "-2"),
                         [["1", "50000", "50000", "4", "3"], ["1", "100000", "250000", "3", "5"],
                          ["1", "100000", "150000", "1", "2"], ["1", "", "", "", "1"],
                          ["1", "100000", "350000", "2", ""]])

    def test_captures_that_were_merged(self):
        """Each numbers its journeys, for all of its interfaces."""
        data = Followed("skb at=ingress track=1").interface("other", "skb at=egress track=2")
        data.interface("more", "skb at=drops track=1")
        data.seen("a", 1, 1).seen("b", 1, 2, interface=1).seen("c", 1, 3, interface=2)
        self.assertEqual([row[3:] for row in self.rows(data.data, "-2")], [["", "3"], ["", ""], ["1", ""]])

    def test_captures_without_a_name(self):
        data = Followed("skb at=ingress").seen("a", 1, 1).seen("b", 1, 2).data
        data += Followed(None).seen("a", 1, 3).seen("b", 1, 4).data
        self.assertEqual([row[3] for row in self.rows(data, "-2")], ["", "1", "", "3"])

    def test_numbers(self):
        data = Followed()
        for number in (0, 2**64 - 1, 2**64, -1, ""):
            data.seen("a", number, 1)
        self.assertEqual([row[0] for row in self.rows(data.data)], ["0", str(2**64 - 1), "", "", ""])
        self.assertEqual(wireshark.frames(self.file(data.data), "skb"), [1, 2])


class FromXdp(Case):
    """What XDP had belongs to the journey if it lay at the same place in memory shortly before."""

    def both(self):
        data = Followed("xdp hook=/a track=5eed")
        return data.interface("kernel:ingress", "skb at=ingress track=5eed").interface("eth0:fw()@fentry").interface(
            "eth0:fw()@fexit")

    def had(self, data, time, words="action=PASS", place=0x1234, interface=0, number=1):
        return data.packet(data.comment(f"xdp {words} frame=0x{place:x}"), data.packet_id(number), interface=interface,
                           time=time)

    def seen(self, data, point, journey, time, place=0x1234):
        return data.seen(point, journey, time, 1, f" frame=0x{place:x}")

    def test_a_hook(self):
        data = self.both()
        self.had(data, 1000)
        self.seen(data, "netif_receive_skb", 5, 1010)
        self.seen(data, "ip_rcv", 5, 1012)
        self.had(data, 1020)
        self.seen(data, "netif_receive_skb", 6, 1025)
        self.assertEqual(self.rows(data.data, "-2"),
                         [["5", "", "", "", "2"], ["5", "10000", "10000", "1", "3"], ["5", "2000", "12000", "2", ""],
                          ["6", "", "", "", "5"], ["6", "5000", "5000", "4", ""]])
        self.assertEqual(self.rows(data.data)[0], [""] * 5, "live, nobody knows yet")
        output = wireshark.tshark("-q", "-z", "skb,journeys", "-r", self.file(data.data))
        self.assertRegex(output, r"XDP -> netif_receive_skb +\|2 \|7\.500 ")

    def test_entry_and_exit(self):
        data = self.both()
        self.had(data, 1000, "at=entry", interface=2)
        self.had(data, 1001, "at=exit action=PASS", interface=3, place=0x9999)
        self.seen(data, "ip_rcv", 5, 1010, place=0x9999)
        self.had(data, 2000, "at=entry", interface=2, number=2)
        self.had(data, 2001, "at=exit action=DROP", interface=3, number=2, place=0x9999)
        self.seen(data, "ip_rcv", 6, 2002)
        self.assertEqual([row[0] + " " + row[3] for row in self.rows(data.data, "-2")],
                         ["5 ", "5 1", "5 2", " ", " ", "6 "])

    def test_others(self):
        """Dropped, sent back, too long ago, another place, later than the kernel, or had by another packet since."""
        for words, time, place in (("action=DROP", 1000, 1), ("action=TX", 1000, 1), ("action=REDIRECT", 1000, 1),
                                   ("action=PASS", 1000 - 50001, 1), ("action=PASS", 1000, 2),
                                   ("action=PASS", 1011 + 5000, 1)):
            data = self.both()
            self.had(data, 100000 + time, words, place)
            self.seen(data, "a", 5, 100000 + 1010, 1)
            self.assertEqual([row[0] for row in self.rows(data.data, "-2")], ["", "5"], (words, time, place))
        data = self.both()
        self.had(data, 1000)
        self.had(data, 1001, "action=DROP")
        self.seen(data, "a", 5, 1010)
        self.assertEqual([row[0] for row in self.rows(data.data, "-2")], ["", "", "5"])
        data = self.both()
        self.had(data, 1000)
        self.seen(data, "a", 5, 1010)
        self.seen(data, "a", 6, 1011)
        self.assertEqual([row[0] for row in self.rows(data.data, "-2")], ["5", "5", "6"])

    def test_in_another_order(self):
        """Two sources of Wireshark come together as they are read."""
        data = self.both()
        self.seen(data, "ip_rcv", 5, 1010)
        self.seen(data, "drops", 5, 1011)
        self.had(data, 1000)
        self.assertEqual(self.rows(data.data, "-2"),
                         [["5", "10000", "10000", "3", "2"], ["5", "1000", "11000", "1", ""], ["5", "", "", "", "1"]])

    def test_generic_mode(self):
        """XDP gets what the kernel has already, and may drop it."""
        data = self.both()
        self.seen(data, "netif_receive_skb", 5, 1010)
        self.had(data, 1012)
        self.seen(data, "drops", 5, 1020)
        self.seen(data, "netif_receive_skb", 6, 1030)
        self.had(data, 1031, "action=DROP")
        self.assertEqual([row[0] + " " + row[3] for row in self.rows(data.data, "-2")], ["5 ", "5 1", "5 2", "6 ", "6 4"])

    def test_generic_mode_that_needs_room(self):
        """The kernel gives the packet another place for XDP."""
        data = self.both()
        self.had(data, 900, place=2)  # whatever was there
        self.seen(data, "netif_receive_skb", 5, 1010, place=1)
        self.had(data, 1012, place=2)
        self.seen(data, "ip_rcv", 5, 1020, place=2)
        self.seen(data, "drops", 5, 1030, place=2)
        self.assertEqual([row[0] + " " + row[3] for row in self.rows(data.data, "-2")], [" ", "5 ", "5 2", "5 3", "5 4"])

    def test_the_same_place_again(self):
        """As two sources come together: all that XDP had before all that the kernel had, or after it."""
        xdp, kernel = (1000, 2000, 3000), (1010, 2010, 3010)
        for generic in (False, True):
            for first in ("xdp", "kernel"):
                data = self.both()
                for source in (first, "kernel" if first == "xdp" else "xdp"):
                    for i in range(3):
                        if source == "xdp":
                            self.had(data, kernel[i] if generic else xdp[i])
                        else:
                            self.seen(data, "a", i, xdp[i] if generic else kernel[i])
                self.assertEqual([row[0] for row in self.rows(data.data, "-2")], ["0", "1", "2"] * 2, (generic, first))

    def test_a_cpumap(self):
        data = self.both()
        self.had(data, 1000, "at=exit action=REDIRECT redirect=cpumap:1:2", interface=3)
        self.seen(data, "a", 5, 1010)
        self.assertEqual([row[0] for row in self.rows(data.data, "-2")], ["5", "5"])


class Statistics(Case):
    def table(self, data, name="skb,journeys"):
        output = wireshark.tshark("-q", "-z", name, "-r", self.file(data))
        return [line.replace("|", " ").split() for line in output.splitlines() if "->" in line or line.startswith("others")]

    def test_times(self):
        data = Followed()
        for i in range(200):
            data.seen("a", i, 10000 * i)
            data.seen("b", i, 10000 * i + (5000 if i in (7, 8, 9) else 10))
            data.seen("c", i, 10000 * i + 6000)
        rows = self.table(data.data)
        self.assertEqual([row[:4] for row in rows], [["a", "->", "b", "200"], ["b", "->", "c", "200"]])
        mean, p99, least, most = map(float, rows[0][4:])
        self.assertEqual((mean, p99, least, most), (84.85, 5000, 10, 5000))
        self.assertEqual(self.table(data.data, "skb,journeys,skb.journey == 80")[0][3], "1")

    def test_percentile(self):
        data = Followed()
        for i in range(1000):
            data.seen("a", i, 10000 * i).seen("b", i, 10000 * i + i)
        p99 = float(self.table(data.data)[0][5])
        self.assertTrue(989 <= p99 <= 989 * 1.04, p99)

    def test_hostile_points(self):
        data = Followed()
        for i in range(1200):
            data.seen(f"a{i}%1B%0A", 1, i)
        rows = self.table(data.data)
        self.assertEqual(len(rows), 1000)
        self.assertEqual(rows[-1][:2], ["others", "200"])
        self.assertEqual(rows[0][:4], ["a0\\033\\n", "->", "a1\\033\\n", "1"])


wireshark = Wireshark(sys.argv.pop(1))
wireshark.run_unittest()
