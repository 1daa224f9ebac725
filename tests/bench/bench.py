# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benches on real devices share: traffic, captures and tables. They run inside of world_run.sh."""
import glob
import json
import os
import signal
import statistics
import subprocess
import sys
import time

BUILD = os.environ["BUILD"]
CLIENT = "/run/netns/" + os.environ["BENCH_CLIENT"]
SERVER = "/run/netns/" + os.environ["BENCH_SERVER"]
PORTS = {"drop": 1001, "pass": 1002}
CPUS = sorted(os.sched_getaffinity(0))
GENERATOR_CPU = CPUS[0]
READER_CPU = CPUS[1 % len(CPUS)]
# Where the clock counts instructions, it runs far ahead while a file is read.
LIMIT = int(os.environ.get("BENCH_LIMIT", "60"))


def hook():
    """The pin of the example program's hook."""
    return glob.glob("/sys/fs/bpf/example*hook")[0]


# What is measured comes before whatever else the machine does.
PRIORITY = ["chrt", "-f", "1"]


def pinned(command, cpu):
    return [*PRIORITY, "taskset", "-c", str(cpu), *command]


def on(namespace, command, cpu=None):
    return ["nsenter", "--net=" + namespace, "--", *(command if cpu is None else pinned(command, cpu))]


def send(count, size, port, rate=0, cpu=GENERATOR_CPU):
    """Sends frames from the client to the server. Returns the seconds it took."""
    command = [BUILD + "/tests/bench/bench_generator", "client0", os.environ["BENCH_MAC"], str(port), str(size),
               str(count), str(int(rate)), str(cpu)]
    output = subprocess.run(on(CLIENT, command, cpu), stdout=subprocess.PIPE, check=True, timeout=LIMIT * 5).stdout
    return int(output.split()[1]) / 1e9


def received():
    """Frames that the server's device has taken, whatever its XDP program did with them."""
    lines = subprocess.run(on(SERVER, ["cat", "/proc/net/dev"]), stdout=subprocess.PIPE, check=True).stdout.decode()
    return next(int(line.split()[2]) for line in lines.splitlines() if line.split()[0] == "server0:")


def wait_until(condition, what):
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("waited in vain for " + what)
        time.sleep(0.005)


def slot_is_taken(action=1):
    return subprocess.run(["bpftool", "map", "lookup", "pinned", hook(), "key", str(action), "0", "0", "0"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def process_cpu(pid):
    """Seconds of CPU so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Capture:
    """xdpshark capture on the hook, pinned to the reader's CPU. -w - goes to the descriptor output."""

    def __init__(self, output, *arguments):
        command = ["xdpshark", "capture", hook(), "--json", *arguments]
        self.process = subprocess.Popen(pinned(command, READER_CPU), stdout=output, stderr=subprocess.PIPE)
        wait_until(slot_is_taken, "the capture's programs")

    def memory(self):
        """Its own memory in MiB: what is not mapped from the rings."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            values = dict(line.split(":", 1) for line in status)
        return int(values["RssAnon"].split()[0]) / 1024

    def end(self):
        """Ends it. Returns its last statistics, all of whose sums are checked."""
        self.process.send_signal(signal.SIGTERM)
        errors = self.process.communicate(timeout=LIMIT)[1].decode()
        if self.process.returncode != 0:
            sys.exit("the capture failed: " + errors)
        counts = json.loads(errors.splitlines()[-1])
        actions = counts["actions"].values()
        lost = sum(count for a in actions for name, count in a.items() if name.startswith("lost_"))
        captured = sum(a["captured"] for a in actions)
        rejected = sum(a["rejected"] for a in actions)
        if not (counts["final"] and counts["received"] == rejected + captured + lost and counts["lost"] == lost and
                counts["matched"] == captured + lost and counts["written"] == captured):
            sys.exit(f"packets that are not accounted for: {counts}")
        return counts


def median(values):
    return statistics.median(values)


def print_table(header, rows):
    widths = [max(len(str(row[i])) for row in [header] + rows) for i in range(len(header))]
    for row in [header] + rows:
        print("  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))))


VERDICTS = {True: "met", False: "missed", None: ""}


def print_goal(what, value, goal, met):
    print(f"{what:60} {value:>10}  goal {goal:>8}  {VERDICTS[met]}")
