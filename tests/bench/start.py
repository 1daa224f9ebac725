#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench start: how long it takes from a click to the first packet, and to list the hooks.

run BUILD start [--rounds N] [--pins N]"""
import argparse
import os
import select
import subprocess
import time

from bench import CLIENT, LIMIT, PORTS, PRIORITY, hook, median, on, print_goal, print_table, slot_is_taken, wait_until

PACKET_BLOCK = 6


def first_packet(filter_words):
    """Seconds from the start of the process to the first packet in its output, with traffic all the time."""
    start = time.monotonic()
    capture = subprocess.Popen([*PRIORITY, "xdpshark", "capture", hook(), "-c", "1", "-w", "-", *filter_words],
                               stdout=subprocess.PIPE)
    data, seconds = b"", None
    while seconds is None:
        if not select.select([capture.stdout], [], [], LIMIT)[0]:
            raise SystemExit("no packet comes")
        piece = os.read(capture.stdout.fileno(), 65536)
        if not piece:
            raise SystemExit("the capture ends without a packet")
        data += piece
        at = 0
        while at + 12 <= len(data):
            if int.from_bytes(data[at:at + 4], "little") == PACKET_BLOCK:
                seconds = time.monotonic() - start
                break
            at += int.from_bytes(data[at + 4:at + 8], "little")
    capture.stdout.read()
    capture.stdout.close()
    capture.wait(timeout=LIMIT)
    wait_until(lambda: not slot_is_taken(), "the end of the capture")
    return seconds


# Runs in the client's namespace: sends a packet for each line, and tells when.
SENDER = """
import socket, sys, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for line in sys.stdin:
    print(time.monotonic(), flush=True)
    out.sendto(b"lone", ("10.9.0.2", int(line)))
"""


def lone_packets(rounds):
    """Seconds from the sending of single packets to their being in the output of a capture that sleeps in between."""
    capture = subprocess.Popen([*PRIORITY, "xdpshark", "capture", hook(), "-w", "-", "port", str(PORTS["drop"])],
                               stdout=subprocess.PIPE)
    wait_until(slot_is_taken, "the capture's programs")
    sender = subprocess.Popen(on(CLIENT, [*PRIORITY, "python3", "-c", SENDER]), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    times = []
    os.read(capture.stdout.fileno(), 65536)  # the file's head
    for _ in range(rounds):
        time.sleep(0.25)  # so that it has gone to sleep
        print(PORTS["drop"], file=sender.stdin, flush=True)
        if not select.select([capture.stdout], [], [], LIMIT)[0]:
            raise SystemExit("no packet comes")
        times.append(time.monotonic() - float(sender.stdout.readline()))
        os.read(capture.stdout.fileno(), 65536)
    sender.stdin.close()
    sender.wait(timeout=LIMIT)
    capture.terminate()
    capture.communicate(timeout=LIMIT)
    wait_until(lambda: not slot_is_taken(), "the end of the capture")
    return times


def run(*command):
    start = time.monotonic()
    subprocess.run([*PRIORITY, *command], stdout=subprocess.DEVNULL, check=True, timeout=LIMIT)
    return time.monotonic() - start


def make_pins(count):
    os.makedirs("/sys/fs/bpf/many", exist_ok=True)
    for i in range(count):
        subprocess.run(["bpftool", "map", "create", f"/sys/fs/bpf/many/map{i}", "type", "array", "key", "4", "value",
                        "4", "entries", "1", "name", "many"], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pins", type=int, default=1000)
    options = parser.parse_args()
    filters = {"first packet, port filter": ["port", str(PORTS["drop"])], "first packet, no filter": []}
    commands = {"list": ("xdpshark", "list"), "--extcap-interfaces": ("xdpshark", "--extcap-interfaces")}
    times = {name: [] for name in [*filters, *commands]}
    # Ten packets a millisecond, so that no time is spent on waiting for one. Of a size that the generator sends
    # through a socket, sleeping in between: its busy way would keep the machine from the work that is measured.
    sender = subprocess.Popen(on(CLIENT, [os.environ["BUILD"] + "/tests/bench/bench_generator", "client0",
                                          os.environ["BENCH_MAC"], str(PORTS["drop"]), "4000", "1000000000", "10000",
                                          "0"]), stdout=subprocess.DEVNULL)
    try:
        for _ in range(options.rounds):
            for name, words in filters.items():
                times[name].append(first_packet(words))
    finally:
        sender.kill()
        sender.wait()
    times["lone packet"] = lone_packets(options.rounds)
    for _ in range(options.rounds):
        for name, command in commands.items():
            times[name].append(run(*command))
    make_pins(options.pins)
    for name, command in commands.items():
        times[f"{name}, {options.pins} pins more"] = [run(*command) for _ in range(options.rounds)]
    print_table(("what", "median ms", "least ms"),
                [(name, f"{median(values) * 1000:.1f}", f"{min(values) * 1000:.1f}")
                 for name, values in times.items()])
    print()
    click = median(times["first packet, port filter"]) * 1000
    print_goal("click to first packet with a port filter, ms", f"{click:.0f}", "100", click < 100)
    lone = median(times["lone packet"]) * 1000
    print_goal("lone packet in the output, ms", f"{lone:.1f}", "20", lone < 20)


if __name__ == "__main__":
    main()
