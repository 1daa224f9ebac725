#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench kernel: what a packet costs that the kernel drops, or that comes by a function of it.

run BUILD kernel [--rounds N] [--count N]"""
import argparse
import json
import os
import re
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
# Together with others that no packet comes by here: many functions share a program.
FUNCTIONS = FUNCTION + ",ip6_forward,ip6_input,ip6_mc_input,ip6_output"
TRACEPOINTS = "kernel:kfree_skb,net_dev_queue,net_dev_start_xmit,netif_receive_skb,netif_rx"
# {means}: how the capture says that it watches.
CASES = {
    "nothing attached": None,
    "kernel:drops, another reason": ["kernel:drops", *NO_LIMIT, "--reason", "NO_SOCKET"],
    "kernel:drops, no match": ["kernel:drops", *NO_MATCH],
    "kernel:drops, match": ["kernel:drops", *MATCH],
    "kernel:drops, match, --stack": ["kernel:drops", "--stack", *MATCH],
    "one of 5 tracepoints{means}, no match": [TRACEPOINTS, *NO_MATCH],
    "one of 5 tracepoints{means}, match": [TRACEPOINTS, *MATCH],
    "a function{means}, no match": [FUNCTION, *NO_MATCH],
    "a function{means}, match": [FUNCTION, *MATCH],
    "one of 5 functions{means}, no match": [FUNCTIONS, *NO_MATCH],
    "one of 5 functions{means}, match": [FUNCTIONS, *MATCH],
    "perf's buffer, no match": ["output", "9"],
    "perf's buffer, match": ["output", str(PORT)],
    "perf record -e skb:kfree_skb": ["perf"],
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

    def means(self):
        """Whether the points have a program each, or share one, and by what."""
        said = re.search(r"(\d+) with a program each, (\d+) tracepoints .*, (\d+) functions by ([^,]*),", self.text())
        if not said:
            return ""
        each, tracepoints, functions, by = said.groups()
        if functions != "0":
            return " by " + by
        return ", a program for all" if tracepoints != "0" else ", a program each" if each != "1" else " by fentry"

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


class Output:
    """Notes of each packet in perf's buffer (output.bpf.c), whose reader is woken for each."""

    def __init__(self, port):
        command = [BUILD + "/tests/bench/bench_output", port]
        self.process = subprocess.Popen(pinned(command, READER_CPU), stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            self.process.wait(timeout=LIMIT)

    def means(self):
        return ""

    def end(self, _):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=LIMIT)


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

    def means(self):
        return ""

    def end(self, _):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=LIMIT)


def drop(size, count):
    command = [BUILD + "/tests/bench/bench_dropper", str(PORT), str(size), str(count)]
    return float(subprocess.run(on(CLIENT, command, GENERATOR_CPU), stdout=subprocess.PIPE, check=True, timeout=LIMIT).stdout)


def watch(arguments):
    """None if that cannot be done here."""
    if arguments[0] == "perf":
        watcher = Perf()
    else:
        watcher = Output(arguments[1]) if arguments[0] == "output" else Product(arguments)
    return watcher if watcher.process.poll() is None else None


def measure(case, count):
    """ns a packet for each size, or None if that cannot be done here; and by what means."""
    arguments = CASES[case]
    watcher = watch(arguments) if arguments else None
    if arguments and not watcher:
        return None, ""
    drop(SIZES[0], count // 10 + 1)
    times = [drop(size, count) for size in SIZES]
    means = watcher.means() if watcher else ""
    if watcher:
        watcher.end(count * len(SIZES))
    return times, means


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=20000)
    options = parser.parse_args()
    rule = ("add table ip bench; add chain ip bench output { type filter hook output priority 0; }; "
            f"add rule ip bench output udp dport {PORT} drop")
    subprocess.run(on(CLIENT, ["nft", rule]), check=True)
    rounds = [{case: measure(case, options.count) for case in CASES} for _ in range(options.rounds)]
    values = {case: [one[case][0] for one in rounds] for case in CASES}
    medians = {case: [median(times) for times in zip(*values[case])] for case in CASES if None not in values[case]}
    nothing = medians["nothing attached"]
    match = [a - b for a, b in zip(medians.get("kernel:drops, match", nothing), nothing)]
    rows = []
    for case in CASES:
        title = case.format(means=rounds[0][case][1])
        if case not in medians:
            rows.append((title, *["not here"] * len(SIZES), *["-"] * len(SIZES)))
            continue
        net = [a - (b if CASES[case] else 0) for a, b in zip(medians[case], nothing)]
        ratios = [f"{a / b:.2f}" if b > 0 and CASES[case] else "-" for a, b in zip(net, match)]
        rows.append((title, *(f"{value:.0f}" for value in net), *ratios))
    print_table(("ns a packet, net of the first row", *(f"{size + 42} bytes" for size in SIZES),
                 *(f"{size + 42}: ratio" for size in SIZES)), rows)
    print("ratio: to kernel:drops, match")


main()
