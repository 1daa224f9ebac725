#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench capture: what share of the offered packets arrives where, and what that costs the reader.

run BUILD capture [--rounds N] [--seconds S]"""
import argparse
import fcntl
import os
import re
import signal
import subprocess
import sys
import time

from bench import (CLIENT, GENERATOR_CPU, PORTS, READER_CPU, SERVER, Capture, LIMIT, hook, median, on, pinned, print_goal,
                   print_table, process_cpu, received, send, slot_is_taken, wait_until)

OVERHEAD = 164  # bytes of a packet's block besides the packet, mostly its comment: for a rate in bytes
PIPE_SIZE = 1024 * 1024  # as the product asks for


class Null:
    path = "-"  # the descriptor is its standard output

    def __init__(self):
        self.fd = os.open("/dev/null", os.O_WRONLY)

    def close(self):
        os.close(self.fd)


class File(Null):
    """Which the capture opens by itself."""
    def __init__(self):
        Null.__init__(self)
        self.path = os.path.join(os.environ["HOME"], "capture.pcapng")

    def close(self):
        os.close(self.fd)
        os.unlink(self.path)


class Pipe(Null):
    """To a reader that throws away what it reads."""

    def __init__(self):
        end, self.fd = os.pipe()
        fcntl.fcntl(self.fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.reader = subprocess.Popen(pinned(["dd", "bs=1M", "of=/dev/null", "status=none"], READER_CPU), stdin=end)
        os.close(end)

    def close(self):
        os.close(self.fd)
        self.reader.wait(timeout=LIMIT)


SINKS = {"/dev/null": Null, "file": File, "pipe": Pipe}


def run_flow(row, count):
    """The packets that flow with no capture at all."""
    before = received()
    seconds = send(count, row["size"], PORTS[row["action"]], row["rate"])
    return {"offered": count, "flowed": received() - before, "captured": 0, "seconds": seconds}


def run_product(row, count, send_all=None):
    sink = SINKS[row["sink"]]()
    capture = Capture(sink.fd, "-w", sink.path, "--buffer", str(OPTIONS.buffer), "port", str(PORTS[row["action"]]))
    os.close(sink.fd)
    sink.fd = os.open("/dev/null", os.O_WRONLY)  # so that the pipe's reader sees the capture's end
    before, cpu = received(), process_cpu(capture.process.pid)
    if send_all:
        seconds = send_all(row["size"], PORTS[row["action"]])
    else:
        seconds = send(count, row["size"], PORTS[row["action"]], row["rate"])
    flowed, cpu, memory = received() - before, process_cpu(capture.process.pid) - cpu, capture.memory()
    counts = capture.end()
    sink.close()
    # On devices nothing is lost between their counter and the program.
    if counts["received"] < flowed:
        sys.exit(f"{flowed} packets flowed, and {counts['received']} were counted")
    return {"offered": count, "flowed": flowed, "captured": counts["written"], "lost": counts["lost"],
            "seconds": seconds, "cpu": cpu / seconds, "memory": memory,
            "written": counts["written"] * (row["size"] + OVERHEAD)}


BURST = 40000  # packets: of 1,500 bytes several times what a ring holds


def run_bursts(row, count):
    """Few packets, so that the reader looks seldom, and amid them as many as can be, all of a sudden."""
    sender = [os.path.dirname(__file__) + "/../capture/send.py", "--pause", "0.0001", str(PORTS[row["action"]])]
    background = subprocess.Popen(on(CLIENT, ["taskset", "-c", str(GENERATOR_CPU), *sender]),
                                  stdout=subprocess.DEVNULL)

    def send_bursts(size, port):
        seconds = 0
        for _ in range(max(1, count // BURST)):
            time.sleep(0.1)
            seconds += send(min(count, BURST), size, port)
        return seconds

    result = run_product(row, count, send_bursts)
    background.terminate()
    background.wait(timeout=LIMIT)
    return result


# What other programs print of themselves.
CAPTURED = re.compile(r"(\d+) packets? captured|Packets captured: (\d+)")


def run_program(command, namespace, row, count, ready):
    process = subprocess.Popen(on(namespace, command, READER_CPU) if namespace else pinned(command, READER_CPU),
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    os.set_blocking(process.stderr.fileno(), False)
    said = []

    def is_ready():
        said.append((process.stderr.read() or b"").decode())
        return ready("".join(said))

    wait_until(is_ready, command[0])
    os.set_blocking(process.stderr.fileno(), True)
    before, cpu = received(), process_cpu(process.pid)
    seconds = send(count, row["size"], PORTS[row["action"]], row["rate"])
    flowed = received() - before
    time.sleep(1)  # what it has not read when it is told to end, it leaves
    cpu = process_cpu(process.pid) - cpu
    process.send_signal(signal.SIGINT)
    text = "".join(said) + process.communicate(timeout=LIMIT)[1].decode()
    numbers = [int(a or b) for a, b in CAPTURED.findall(text)]
    if not numbers:
        sys.exit(f"{command[0]} tells nothing: {text}")
    return {"offered": count, "flowed": flowed, "captured": numbers[-1], "seconds": seconds,
            "cpu": cpu / seconds}


def run_tshark(row, count):
    path = os.path.join(os.environ["HOME"], "tshark.pcapng")
    result = run_program(["tshark", "-i", "xdp:" + hook(), "-w", path, "-q"], None, row, count,
                         lambda text: slot_is_taken(2))
    os.unlink(path)
    return result


def run_wake(rule):
    def run(row, count):
        return run_program([os.environ["BUILD"] + "/tests/bench/bench_wake", rule, hook()], None, row, count,
                           lambda text: slot_is_taken(1))
    return run


def run_tcpdump(row, count):
    return run_program(["tcpdump", "-i", "server0", "-w", "/dev/null", "-B", "16384", "-n", "udp"], SERVER, row, count,
                       lambda text: "listening on" in text)


def run_dumpcap(row, count):
    path = os.path.join(os.environ["HOME"], "dumpcap.pcapng")
    result = run_program(["dumpcap", "-i", "server0", "-w", path, "-B", "16", "-f", "udp"], SERVER, row, count,
                         lambda text: "File:" in text)
    os.unlink(path)
    return result


# What an unlimited row sends in a second, about, so that all rows take as long.
FAST, SLOW, SLOWEST = 4e6, 1e6, 1e5

# name, who captures, size, offered a second (0: as fast as it goes), action, where it goes, guess
ROWS = [
    ("flow64", "nobody", run_flow, 64, 0, "drop", "-", FAST),
    ("null64", "xdpshark", run_product, 64, 0, "drop", "/dev/null", FAST),
    ("few64", "xdpshark, few", run_product, 64, 2e4, "drop", "/dev/null", 0),
    ("wakeperf64", "perf, wake each", run_wake("perf"), 64, 0, "drop", "nothing", SLOWEST),
    ("wakering64", "ring, default", run_wake("ring"), 64, 0, "drop", "nothing", SLOW),
    ("null1500", "xdpshark", run_product, 1500, 0, "drop", "/dev/null", FAST),
    ("burst1500", "xdpshark, bursts", run_bursts, 1500, 0, "drop", "/dev/null", SLOW),
    ("pipe1500", "xdpshark", run_product, 1500, 1.5e6, "drop", "pipe", 0),
    ("file64", "xdpshark", run_product, 64, 1e6, "drop", "file", 0),
    ("file1500", "xdpshark", run_product, 1500, 5e5, "drop", "file", 0),
    ("null60000", "xdpshark", run_product, 60000, 2000, "drop", "/dev/null", 0),
    ("pass64", "xdpshark", run_product, 64, 0, "pass", "/dev/null", SLOW),
    ("tcpdump64", "tcpdump", run_tcpdump, 64, 0, "pass", "/dev/null", SLOW),
    ("dumpcap64", "dumpcap", run_dumpcap, 64, 0, "pass", "file", SLOW),
    ("tshark64", "tshark, xdp:", run_tshark, 64, 5e4, "pass", "dumpcap", 0),
]


def pipe_rate(seconds):
    """Bytes a second that a pipe of the same size carries, written in the same pieces."""
    pipe = Pipe()
    start = time.monotonic()
    count = int(seconds * 8000)
    subprocess.run(pinned(["dd", "if=/dev/zero", "bs=256K", f"count={count}", "status=none"], READER_CPU),
                   stdout=pipe.fd, check=True, timeout=LIMIT)
    os.close(pipe.fd)
    pipe.fd = os.open("/dev/null", os.O_WRONLY)
    pipe.close()
    return count * 256 * 1024 / (time.monotonic() - start)


def per_second(results, key):
    return median([r[key] / r["seconds"] for r in results])


def print_rows(rows, results):
    table = []
    for row in rows:
        runs = results[row["name"]]
        captured = median([r["captured"] / r["flowed"] for r in runs])
        table.append((row["who"], row["size"], row["action"], row["sink"],
                      f"{per_second(runs, 'offered') / 1e6:.3f}", f"{per_second(runs, 'flowed') / 1e6:.3f}",
                      f"{per_second(runs, 'captured') / 1e6:.3f}", f"{captured:.4f}",
                      int(median([r.get("lost", r["flowed"] - r["captured"]) for r in runs])),
                      f"{median([r['cpu'] for r in runs]):.2f}" if "cpu" in runs[0] else "-"))
    print_table(("who", "bytes", "action", "to", "offered", "flowed", "captured", "share", "lost", "CPU"), table)
    print("offered, flowed and captured in millions a second; CPU of the reader, 1 = one CPU\n")


def print_goals(results, pipe):
    flow, null = per_second(results["flow64"], "flowed"), per_second(results["null64"], "captured")
    lost = {name: int(median([r.get("lost", 0) for r in runs])) for name, runs in results.items()}
    print_goal("64 B to /dev/null: captured / flow with no capture", f"{null / flow:.2f}", "0.55", null / flow >= 0.55)
    print_goal("64 B to /dev/null: lost", lost["null64"], "0", lost["null64"] == 0)
    share = median([r["written"] / r["seconds"] for r in results["pipe1500"]]) / pipe
    print_goal("1,500 B into a pipe at 1.5 Mpps: lost", lost["pipe1500"], "0", lost["pipe1500"] == 0)
    print_goal(f"  or of the pipe's own {pipe / 1e9:.2f} GB/s", f"{share:.2f}", "0.90",
               share >= 0.9 or lost["pipe1500"] == 0)
    print_goal("bursts of 1,500 B amid few packets: lost", lost["burst1500"], "0", lost["burst1500"] == 0)
    print_goal("64 B at 1 Mpps into a file: lost", lost["file64"], "0", lost["file64"] == 0)
    print_goal("60,000 B frames: lost", lost["null60000"], "0", lost["null60000"] == 0)
    tcpdump = max(1, per_second(results["tcpdump64"], "captured"))
    print_goal("most captured a second / tcpdump's on the same veth", f"{null / tcpdump:.1f}", "3.0",
               null / tcpdump >= 3)
    passed = per_second(results["pass64"], "captured") / tcpdump
    print_goal("  the same with packets that go on to the stack", f"{passed:.1f}", "-", None)
    memory = max(r.get("memory", 0) for runs in results.values() for r in runs)
    print_goal("memory besides the rings, MiB", f"{memory:.1f}", "32", memory <= 32)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--only", default="", help="rows whose names contain this")
    parser.add_argument("--buffer", type=int, default=0, help="the product's --buffer, in MiB")
    return parser.parse_args()


def main():
    names = ("name", "who", "run", "size", "rate", "action", "sink", "guess")
    rows = [dict(zip(names, row)) for row in ROWS if OPTIONS.only in row[0]]
    results = {row["name"]: [] for row in rows}
    pipes = []
    for _ in range(OPTIONS.rounds):
        for row in rows:
            count = max(64, int(OPTIONS.seconds * (row["rate"] or row["guess"])))
            results[row["name"]].append(row["run"](row, count))
        pipes.append(pipe_rate(OPTIONS.seconds))
    print_rows(rows, results)
    if not OPTIONS.only:
        print_goals(results, median(pipes))


OPTIONS = parse_options()
main()
