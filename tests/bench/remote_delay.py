#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""remote_delay.py RATE SECONDS HOSTS: reads the stream of the bench remote and prints a row of its table.

The delay of a packet is the time from when its host wrote it until it is read here. Every 64th packet is looked at.
"""

import os
import struct
import subprocess
import sys
import time

EVERY = 64
STATISTICS, PACKET, INTERFACE = 5, 6, 1


def writer():
    """The xdpshark at the other end of the pipe; its memory and time are read while it runs."""
    found = subprocess.run(["pgrep", "--ns", str(os.getpid()), "--nslist", "mnt", "-x", "-o", "xdpshark"], capture_output=True, text=True, check=False)
    return found.stdout.split()[0] if found.stdout.split() else None


def usage(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return peak, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    rate, seconds, hosts = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    delays, packets, statistics, delivered, pending, peak, spent = [], 0, 0, 0, b"", 0, 0.0
    pid, begin, looked = None, None, 0.0
    while data := os.read(0, 1 << 20):
        now = time.time_ns()
        pid = pid or writer()
        if pid and time.monotonic() - looked > 0.2:
            looked = time.monotonic()
            try:
                peak, spent = usage(pid)
            except OSError:
                pass
        pending += data
        at = 0
        while len(pending) - at >= 8:
            kind, size = struct.unpack_from("=II", pending, at)
            if size > len(pending) - at:
                break
            if kind == PACKET:
                begin = begin or now
                packets += 1
                if packets % EVERY == 0:
                    high, low = struct.unpack_from("=II", pending, at + 12)
                    delays.append(now - (high << 32 | low))
            elif kind == STATISTICS:
                statistics += 1
                code = pending.find(struct.pack("=HH", 8, 8), at, at + size)
                delivered += struct.unpack_from("=Q", pending, code + 4)[0]
            at += size
        pending = pending[at:]
    if packets != delivered or statistics != hosts:
        sys.exit(f"{packets} packets came, {delivered} were written, by {statistics} of {hosts} hosts")
    delays.sort()
    middle, late, last = (delays[int((len(delays) - 1) * part)] / 1e6 for part in (0.5, 0.99, 1))
    print(f"{rate or 'as many':>12} {packets / seconds:12.0f} {middle:10.1f} {late:10.1f} {last:10.1f} {peak / 1024:8.0f} {100 * spent / seconds:8.0f}", flush=True)


main()
