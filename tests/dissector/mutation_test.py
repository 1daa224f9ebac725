# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged files must neither crash tshark with the plugin nor stop it. Argument: the plugin."""

import concurrent.futures
import random
import sys
import unittest

from pcapng import FRAME, Pcapng
from wireshark import Wireshark

SEED = 20240229
VALUE_FILES = 6
PACKETS_A_FILE = 50
DAMAGED_FILES = 48
POINTS = (b"xdp at=entry", b"xdp at=exit action=TX ns=412 changed=bytes,head redirect=devmap:12:3 part=linear",
          b"xdp at=xsk sent=DROP socket=4711 process=a%23#12")
COMMENT = b"xdp action=DROP hook=/sys/fs/bpf/a%20b prog=f#w%23#812 if=eth0 queue=3 cpu=1"
TELLING = b"# %%%==xdp02afFPTX\xc3\xff\x00\n"
INTERFACES = ("fw", "XDPDrop", "eth0:main()@fexit", "eth0:main()@fentry")


def mutate(generator, data, count):
    """A copy of data with count octets replaced, inserted, removed or doubled."""
    data = bytearray(data)
    for _ in range(count):
        place = generator.randrange(len(data))
        octet = generator.choice((generator.choice(TELLING), generator.randrange(256)))
        change = generator.randrange(4)
        if change == 0:
            data.insert(place, octet)
        elif change == 1 and len(data) > 1:
            del data[place]
        elif change == 2:
            data[place:place] = data[place:] * generator.choice((1, 20))
        else:
            data[place] = octet
        del data[20000:]
    return bytes(data)


def section_start(generator):
    section = Pcapng(generator.choice("<>"))
    for name in INTERFACES:
        section.interface(name)
    return section


def packet_add(generator, section, comment):
    options = [section.comment(comment), section.queue(generator.getrandbits(32)),
               section.dropcount(generator.getrandbits(64)),
               section.verdict(generator.getrandbits(64)), section.packet_id(generator.randrange(3))]
    generator.shuffle(options)
    section.packet(*options[:generator.randint(1, 5)], frame=mutate(generator, FRAME, generator.randrange(4)),
                   interface=generator.randrange(len(INTERFACES)))


class Mutation(unittest.TestCase):
    def read(self, path):
        """Runs tshark over the whole file; returns how many packets it showed."""
        result = wireshark.run("tshark", "-r", path, "-V", "-O", "xdp", "-Y",
                               "frame && !(xdp.action == 77)", check=False)
        self.assertGreaterEqual(result.returncode, 0, f"{path} ended it by a signal")
        self.assertNotIn("Sanitizer", result.stderr)
        self.assertNotIn("runtime error", result.stderr)
        self.assertNotIn("Dissector bug", result.stdout)
        return sum(line.startswith("Frame ") for line in result.stdout.splitlines())

    def test_options_with_damaged_values(self):
        generator = random.Random(SEED)
        for number in range(VALUE_FILES):
            section = section_start(generator)
            for _ in range(PACKETS_A_FILE):
                packet_add(generator, section,
                           mutate(generator, generator.choice((COMMENT, *POINTS)), generator.randint(1, 5)))
            path = wireshark.write(f"values-{number}.pcapng", section.data)
            self.assertEqual(self.read(path), PACKETS_A_FILE)

    def test_damaged_files(self):
        generator = random.Random(SEED)
        paths = []
        for number in range(DAMAGED_FILES):
            section = section_start(generator)
            for _ in range(4):
                packet_add(generator, section, generator.choice((COMMENT, *POINTS)))
            data = mutate(generator, section.data, generator.randint(1, 3))
            paths.append(wireshark.write(f"damaged-{number}.pcapng", data))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            shown = list(pool.map(self.read, paths))
        # Otherwise nothing got to the plugin.
        self.assertGreater(sum(shown), DAMAGED_FILES)


if __name__ == "__main__":
    wireshark = Wireshark(sys.argv.pop(1))
    wireshark.run_unittest()
