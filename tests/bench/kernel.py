#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench kernel: what a packet costs that the kernel drops, or that comes by a function of it.

run BUILD kernel [--rounds N] [--count N]"""
import argparse
import json
import os
import signal
import subprocess
import sys

from bench import BUILD, CLIENT, GENERATOR_CPU, LIMIT, READER_CPU, median, on, pinned, print_table, wait_until

PORT = 53
SIZES = [18, 1472]  # of UDP's payload: the smallest frame, and the largest of Ethernet
NO_LIMIT = ["--rate", "1000000000"]
MATCH = [*NO_LIMIT, f"udp port {PORT}"]
NO_MATCH = [*NO_LIMIT, "udp port 9"]
FUNCTION = "kernel:__ip_local_out"
CASES = {
    "nothing attached": None,
    "kernel:drops, another reason": ["kernel:drops", *NO_LIMIT, "--reason", "NO_SOCKET"],
    "kernel:drops, no match": ["kernel:drops", *NO_MATCH],
    "kernel:drops, match": ["kernel:drops", *MATCH],
    "kernel:drops, match, --stack": ["kernel:drops", "--stack", *MATCH],
    "a function, no match": [FUNCTION, *NO_MATCH],
    "a function, match": [FUNCTION, *MATCH],
    "perf record -e skb:kfree_skb": "perf",
}


class Product:
    def __init__(self, arguments):
        self.said = open(os.path.join(os.environ["HOME"], "said"), "w+", encoding="utf-8")
        command = ["xdpshark", "capture", *arguments[:1], "-v", "--json", "-w", "/dev/null", *arguments[1:]]
        self.process = subprocess.Popen(pinned(command, READER_CPU), stdout=subprocess.DEVNULL, stderr=self.said)
        wait_until(lambda: self.process.poll() is not None or '"received"' in self.text(), "the capture")

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def end(self, count):
        """Whether all packets have been seen."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=LIMIT)
        if self.process.returncode != 0:
            sys.exit("the capture failed: " + self.text())
        lines = [line for line in self.text().splitlines() if line.startswith("{")]
        counts = json.loads(lines[-1])
        if counts["received"] < count:
            sys.exit(f"packets that are not accounted for: {counts}")
        return counts


class Perf:
    """Its records go to memory, and from there nowhere."""

    def __init__(self):
        command = ["perf", "record", "-q", "-a", "-e", "skb:kfree_skb", "-o", "/dev/null", "sleep", str(LIMIT)]
        self.process = subprocess.Popen(pinned(command, READER_CPU), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.process.poll() is not None or self.is_open(), "perf")

    def is_open(self):
        """Its child does nothing until all is set up."""
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as children:
                return any(os.path.basename(os.readlink(f"/proc/{child}/exe")) == "sleep" for child in children.read().split())
        except OSError:
            return False

    def end(self, _):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=LIMIT)


def drop(size, count):
    command = [BUILD + "/tests/bench/bench_dropper", str(PORT), str(size), str(count)]
    return float(subprocess.run(on(CLIENT, command, GENERATOR_CPU), stdout=subprocess.PIPE, check=True, timeout=LIMIT).stdout)


def measure(case, count):
    """ns a packet for each size, or None if that cannot be done here."""
    arguments = CASES[case]
    watcher = None
    if arguments:
        watcher = Perf() if arguments == "perf" else Product(arguments)
        if watcher.process.poll() is not None:
            return None
    drop(SIZES[0], count // 10 + 1)
    times = [drop(size, count) for size in SIZES]
    if watcher:
        watcher.end(count * len(SIZES))
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=20000)
    options = parser.parse_args()
    rule = ("add table ip bench; add chain ip bench output { type filter hook output priority 0; }; "
            f"add rule ip bench output udp dport {PORT} drop")
    subprocess.run(on(CLIENT, ["nft", rule]), check=True)
    rounds = [{case: measure(case, options.count) for case in CASES} for _ in range(options.rounds)]
    nothing = [median([one["nothing attached"][i] for one in rounds]) for i in range(len(SIZES))]
    rows = []
    for case in CASES:
        values = [one[case] for one in rounds]
        if None in values:
            rows.append((case, *["not here"] * len(SIZES)))
            continue
        net = [median([value[i] for value in values]) for i in range(len(SIZES))]
        rows.append((case, *[f"{value - (nothing[i] if CASES[case] else 0):.0f}" for i, value in enumerate(net)]))
    print_table(("ns a packet, net of the first row", *(f"{size + 42} bytes" for size in SIZES)), rows)


main()
