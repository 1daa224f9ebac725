#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints docs/compatibility.md: what the tests of tests/vm, tests/distro and tests/cross found out in a build folder.

usage: table.py BUILD
"""

import os
import pathlib
import subprocess
import sys

CACHE = pathlib.Path(os.environ.get("XDPSHARK_CACHE", pathlib.Path.home() / ".cache" / "xdpshark"))
TESTS = pathlib.Path(__file__).resolve().parents[1]
KERNELS = ["5.10", "6.1", "6.12", "6", "7"]
RELEASES = ["HERE", "trixie", "sid"]
ARCHITECTURES = {"arm64": "arm64", "s390x": "s390x (big-endian)"}

HEAD = """<!-- Written by tests/vm/matrix from what the tests found out: do not edit. -->
# What works where

Each cell is a test that was run. A dash stands for a test that was not.

`tests/vm/matrix BUILD` runs all of them and writes this page; BUILD is the build folder, such as
`build/release`."""

KERNEL_TEXT = """## Kernels

To run one cell again, put the column's name in the place of KERNEL in the last column:
`tests/vm/get 6.1`, and then `ctest --test-dir BUILD -R '^vm.6.1.kinds$' -V`. 6 and 7 are the newest
kernels of these numbers that Debian's archive had. In each kernel a warning or a bug in its log would
have been a failure, too. Any command can be run in a kernel: `tests/vm/run 6.1 COMMAND`.
`xdpshark doctor` tells about the machine that it runs on."""

WIRESHARK_TEXT = """## Wireshark

To run one cell again: `tests/distro/get trixie`, and then `ctest --test-dir BUILD -R
'^distro.trixie.fields$' -V`; HERE is the machine itself. All Wiresharks run on this machine's kernel, in
a chroot with a build of their own. Any command can be run there: `tests/distro/run trixie COMMAND`."""

CROSS_TEXT = """## Processors

Debian 12's compilers and libraries, and qemu-user, which runs what needs no kernel. x86-64 is what all other tests
run on. To run one cell again: `ctest --test-dir BUILD -R '^cross.s390x.core$' -V`."""


class Table:
    """Features down, places across. The features' order is that of the tests."""

    def __init__(self, places):
        self.places = places
        self.cells = {}
        self.tests = {}
        self.reasons = []

    def add(self, place, test, line):
        answer, _, rest = line.partition(": ")
        feature, _, reason = rest.partition(": ")
        if not feature:
            return
        self.tests.setdefault(feature, test)
        if reason:
            reason = f"{reason[0].upper()}{reason[1:]}."
            if reason not in self.reasons:
                self.reasons.append(reason)
            answer += f" ({self.reasons.index(reason) + 1})"
        self.cells[feature, place] = f"**{answer}**" if answer == "failed" else answer

    def rows(self):
        yield ["", *self.places.values(), "test"]
        yield ["---"] * (len(self.places) + 2)
        for feature, test in self.tests.items():
            yield [feature, *(self.cells.get((feature, place), "–") for place in self.places), f"`{test}`"]

    def __str__(self):
        lines = ["| " + " | ".join(row) + " |" for row in self.rows()]
        if self.reasons:
            lines += [""] + [f"{number}. {reason}" for number, reason in enumerate(self.reasons, 1)]
        return "\n".join(lines)


def kernel_name(kernel):
    release = CACHE / "kernels" / kernel / "release"
    return f"{kernel} ({release.read_text().strip()})" if release.exists() else kernel


def wireshark_name(release):
    said = subprocess.run([TESTS / "distro" / "run", release, "tshark", "--version"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, encoding="utf-8", check=False).stdout
    version = said.partition("(Wireshark) ")[2].split()
    return f"{version[0].rstrip('.')} ({release})" if version else release


def kernels(build):
    table = Table({kernel: kernel_name(kernel) for kernel in KERNELS})
    order = {}
    for kernel in reversed(KERNELS):
        for path in (build / "tests" / "vm" / "results" / kernel).glob("[!.]*"):
            order[path.name] = None
    for name in sorted(order, key=tests_order(build / "tests" / "vm")):
        # The newest kernels first: they have the most features, and so their order.
        for kernel in reversed(KERNELS):
            path = build / "tests" / "vm" / "results" / kernel / name
            for line in path.read_text().splitlines() if path.exists() else []:
                table.add(kernel, f"vm.KERNEL.{name}", line)
    return table


def places_table(build, area, word, names):
    """A table of tests that are called AREA.PLACE.NAME; names tells how each place is shown."""
    table = Table(names)
    order = tests_order(build / "tests" / area)
    for place in names:
        for path in sorted((build / "tests" / area / "results" / place).glob("[!.]*"), key=lambda path: order(path.name)):
            for line in path.read_text().splitlines():
                table.add(place, f"{area}.{word}.{path.name}", line)
    return table


def wiresharks(build):
    return places_table(build, "distro", "RELEASE", {release: wireshark_name(release) for release in RELEASES})


def processors(build):
    return places_table(build, "cross", "ARCHITECTURE", ARCHITECTURES)


def tests_order(folder):
    """The place of a test in ctest's own list of them."""
    listed = (folder / "CTestTestfile.cmake").read_text()
    return lambda name: listed.find(f".{name}]")


def main():
    build = pathlib.Path(sys.argv[1])
    print(HEAD, KERNEL_TEXT, kernels(build), WIRESHARK_TEXT, wiresharks(build), CROSS_TEXT, processors(build),
          sep="\n\n")


main()
