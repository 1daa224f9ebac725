#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints docs/compatibility.md: what the tests of tests/vm, tests/distro and tests/cross found out in a build folder.

usage: table.py BUILD [PAGE]

With the PAGE as it was, what it says of tests that have not been run stays as it is.
"""

import os
import pathlib
import re
import subprocess
import sys

CACHE = pathlib.Path(os.environ.get("XDPSHARK_CACHE", pathlib.Path.home() / ".cache" / "xdpshark"))
TESTS = pathlib.Path(__file__).resolve().parents[1]
KERNELS = ["5.10", "6.1", "6.12", "6.12-rt", "6", "7"]
RELEASES = ["HERE", "trixie", "sid"]
ARCHITECTURES = ["arm64", "s390x"]
BYTE_ORDERS = {"arm64": "", "s390x": " (big-endian)"}

HEAD = """<!-- Written by tests/vm/matrix from what the tests found out: do not edit. -->
# What works where

Each cell is a test that was run, with one of the versions in the title of its column. A dash stands for a
test that was not.

`tests/vm/matrix BUILD` runs all of them and writes this page; BUILD is the build folder, such as
`build/release`. `tests/vm/matrix BUILD -R '[.]programs$'` runs those tests and changes their cells."""

KERNEL_TEXT = """## Kernels

To run one cell again, put the column's name in the place of KERNEL in the last column:
`tests/vm/get 6.1`, and then `ctest --test-dir BUILD -R '^vm.6.1.kinds$' -V`. 6 and 7 are the newest
kernels of these numbers that Debian's archive had, 6.12-rt is the real-time kernel of that series. In each
kernel a warning or a bug in its log would have been a failure, too. Any command can be run in a kernel:
`tests/vm/run 6.1 COMMAND`.
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


class Area:
    """What the tests AREA.PLACE.NAME found out: lines as tests/vm/check writes them, by place and name.

    Each place has a column, whose title is made of it and of the versions that the tests were run with.
    """

    def __init__(self, area, word, places, title, version):
        self.area = area
        self.word = word
        self.places = places
        self.title = title
        self.version = version
        self.versions = {}
        self.found = {}

    def read_results(self, folder):
        for place in self.places:
            paths = list((folder / "results" / place).glob("[!.]*"))
            for path in paths:
                self.found[place, path.name] = path.read_text().splitlines()
            if paths:
                self.versions[place] = self.version(place)

    def read_title(self, title):
        """The place that a column of the page is about; None for one that there is no more."""
        for place in self.places:
            before, _, after = self.title(place, "@").partition("@")
            if title == place or title.startswith(before) and title.endswith(after):
                self.versions[place] = title[len(before):len(title) - len(after)] if title != place else ""
                return place
        return None

    def read_page(self, section):
        """Of the page's section with this table."""
        rows = [[cell.strip() for cell in line.strip("| ").split(" | ")]
                for line in section.splitlines() if line.startswith("|")]
        reasons = dict(re.findall(r"^(\d+)\. (.*)\.$", section, re.MULTILINE))
        columns = [self.read_title(title) for title in rows[0][:-1]]
        for feature, *cells, test in rows[2:]:
            name = test.strip("`").rpartition(f"{self.area}.{self.word}.")[2]
            for place, cell in zip(columns, cells):
                answer = re.fullmatch(r"\**(\w+)\**(?: \((\d+)\))?", cell)
                if answer and place:
                    reason = f": {reasons[answer[2]]}" if answer[2] else ""
                    self.found.setdefault((place, name), []).append(f"{answer[1]}: {feature}{reason}")

    def update(self, fresh):
        """What fresh has, and what this one has of other tests."""
        for place, version in fresh.versions.items():
            versions = [*filter(None, self.versions.get(place, "").split(", "))]
            self.versions[place] = ", ".join(versions if version in versions else [*versions, version])
        self.found.update(fresh.found)

    def table(self, folder):
        table = Table({place: self.title(place, self.versions[place]) if self.versions.get(place) else place
                       for place in self.places})
        listed = (folder / "CTestTestfile.cmake").read_text()
        # The newest kernels first: they have the most features, and so their order.
        places = self.places[::-1] if self.area == "vm" else self.places
        for name in sorted({name for _, name in self.found}, key=lambda name: listed.find(f".{name}]")):
            for place in places:
                for line in self.found.get((place, name), []):
                    table.add(place, f"{self.area}.{self.word}.{name}", line)
        return table


def kernel_version(kernel):
    release = CACHE / "kernels" / kernel / "release"
    return release.read_text().strip() if release.exists() else ""


def wireshark_version(release):
    said = subprocess.run([TESTS / "distro" / "run", release, "tshark", "--version"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, encoding="utf-8", check=False).stdout
    version = said.partition("(Wireshark) ")[2].split()
    return version[0].rstrip(".") if version else ""


def areas():
    return {
        KERNEL_TEXT: Area("vm", "KERNEL", KERNELS, "{} ({})".format, kernel_version),
        WIRESHARK_TEXT: Area("distro", "RELEASE", RELEASES, "{1} ({0})".format, wireshark_version),
        CROSS_TEXT: Area("cross", "ARCHITECTURE", ARCHITECTURES, "{0}{1}".format, BYTE_ORDERS.get),
    }


def section_of(area, build, text, page):
    """The area's section of the page."""
    folder = build / "tests" / area.area
    fresh = areas()[text]
    fresh.read_results(folder)
    if page:
        area.read_page(page.partition(text.splitlines()[0] + "\n")[2].partition("\n## ")[0])
    area.update(fresh)
    return f"{text}\n\n{area.table(folder)}"


def main():
    build = pathlib.Path(sys.argv[1])
    page = pathlib.Path(sys.argv[2]).read_text() if len(sys.argv) > 2 else None
    print(HEAD, *(section_of(area, build, text, page) for text, area in areas().items()), sep="\n\n")


main()
