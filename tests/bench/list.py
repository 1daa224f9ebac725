#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench list: how long it takes to list programs on many devices in many network namespaces.

run BUILD list [--rounds N] [--namespaces N] [--devices N] [--programs N]

Programs are attached to several devices each: the kernel had better not free hundreds of them at once."""
import argparse
import os
import subprocess

from bench import median, print_goal, print_table
from start import run

PIN = "/sys/fs/bpf/listed"


def batch(namespace, lines):
    # `ip -n` would mount another /sys, without the bpffs.
    subprocess.run(["nsenter", f"--net=/run/netns/{namespace}", "--", "ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)


def make_world(namespaces, devices, programs):
    """The devices are the ends of veth pairs, as many in each namespace as in the others or one pair more."""
    for i in range(programs):
        subprocess.run(["bpftool", "prog", "load", os.environ["BUILD"] + "/tests/programs/pass.bpf.o", f"{PIN}{i}"],
                       check=True)
    made = 0
    for i in range(namespaces):
        count = devices * (i + 1) // namespaces - made
        subprocess.run(["ip", "netns", "add", f"listed{i}"], check=True)
        names = [f"{end}{pair}" for pair in range((count + 1) // 2) for end in "ab"]
        batch(f"listed{i}", [f"link add a{pair} type veth peer name b{pair}" for pair in range(len(names) // 2)] +
              [f"link set dev {name} xdp pinned {PIN}{(made + n) % programs}" for n, name in enumerate(names[:count])])
        made += count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--namespaces", type=int, default=200)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--programs", type=int, default=60)
    options = parser.parse_args()
    commands = {"list --json": ("xdpshark", "list", "--json"), "--extcap-interfaces": ("xdpshark", "--extcap-interfaces")}
    make_world(options.namespaces, options.devices, options.programs)
    listed = subprocess.run(commands["--extcap-interfaces"], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = listed.count("{value=xdp-prog:listed")
    if found != options.devices:
        raise SystemExit(f"{found} programs are listed, not {options.devices}")
    times = {name: [run(*command) for _ in range(options.rounds)] for name, command in commands.items()}
    print_table((f"{options.devices} programs in {options.namespaces} namespaces", "median ms", "least ms"),
                [(name, f"{median(values) * 1000:.1f}", f"{min(values) * 1000:.1f}")
                 for name, values in times.items()])
    print()
    longest = max(median(values) for values in times.values()) * 1000
    print_goal("programs listed, ms", f"{longest:.0f}", "1000", longest < 1000)


main()
