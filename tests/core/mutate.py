#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""mutate.py [--kernel] [NAME...]: do the tests notice when libcbpf is broken?

Each line of mutations.txt is a fault. It is put into a copy of core/, core-unit and core-small are
built with it and run, and at least one of them must fail. --kernel also runs core-small --kernel (as
root): a few faults are only noticed by a verifier."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIMIT = 20  # times the time of a run without a fault, which may cause an endless loop
PROGRAMS = {
    "unit": ["unit", "unit_refusal", "unit_meaning", "unit_pass", "unit_expression", "unit_shape", "shape", "machine",
             "reference", "vm"],
    "small": ["small", "generator", "kernel", "machine", "backlog", "reference", "vm"],
}
ARGUMENTS = {
    "unit": ["unit", "-p", "/refusal", "-p", "/meaning", "-p", "/pass", "-p", "/expression"],
    "small": ["small"],
    "kernel": ["small", "--kernel"],
}


def read_mutations():
    """Name, file, old text, new text."""
    with open(os.path.join(HERE, "mutations.txt"), encoding="utf-8") as file:
        for line in file:
            if line.startswith("#") or not line.strip():
                continue
            name, source, change = line.rstrip("\n").replace("\\n", "\n").split(": ", 2)
            old, new = change.split(" => ")
            yield name, source, old, new


class Tree:
    """A copy of core/ and the programs built from it."""

    def __init__(self, folder):
        self.folder = folder
        self.core = os.path.join(folder, "core")
        shutil.copytree(os.path.join(TOP, "core"), self.core)
        self.flags = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0", "libpcap"], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout.split()
        for source in sorted(os.listdir(self.core)):
            if source.endswith(".c"):
                self.compile(source)
        for test in sorted({test for tests in PROGRAMS.values() for test in tests}):
            self.build([os.path.join(HERE, test + ".c"), "-c", "-o", self.path(f"test_{test}.o")])
        for program, tests in PROGRAMS.items():
            self.build([*(self.path(f"test_{test}.o") for test in tests), "-L" + folder, "-lcbpf", f"-Wl,-rpath,{folder}",
                        "-o", self.path(program)])

    def path(self, name):
        return os.path.join(self.folder, name)

    def build(self, arguments):
        subprocess.run(["cc", "-w", "-O1", "-fPIC", "-D_GNU_SOURCE", f'-DSOURCE_FOLDER="{TOP}"', "-I" + self.core,
                        "-I" + os.path.join(self.core, "include"), *arguments, *self.flags], check=True)

    def compile(self, source):
        """Compiles one file of core/ and links the library."""
        self.build([os.path.join(self.core, source), "-c", "-o", self.path(f"core_{source}.o")])
        objects = [self.path(name) for name in os.listdir(self.folder) if name.startswith("core_")]
        self.build(["-shared", *objects, "-o", self.path("libcbpf.so")])

    def mutate(self, source, old, new):
        """Puts a fault into a file; returns the text without it. old must be there exactly once."""
        path = os.path.join(self.core, source)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(old) != 1:
            raise SystemExit(f"{source} has this {text.count(old)} times: {old}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        self.compile(source)
        return text

    def restore(self, source, text):
        with open(os.path.join(self.core, source), "w", encoding="utf-8") as file:
            file.write(text)
        self.compile(source)

    def passes(self, test, limit):
        """True unless the test fails, crashes or does not end."""
        try:
            done = subprocess.run([self.path(ARGUMENTS[test][0]), *ARGUMENTS[test][1:]], timeout=limit, check=False,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    tests = ["unit", "small"] + (["kernel"] if options.kernel else [])
    limits, survivors, count = {}, [], 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder)
        for test in tests:
            start = time.monotonic()
            if not tree.passes(test, None):
                raise SystemExit(f"{test} fails without a fault")
            limits[test] = LIMIT * (1 + time.monotonic() - start)
        for name, source, old, new in read_mutations():
            if options.names and name not in options.names:
                continue
            text = tree.mutate(source, old, new)
            noticed = next((test for test in tests if not tree.passes(test, limits[test])), None)
            tree.restore(source, text)
            print(f"{name}: {noticed or 'NOT NOTICED'}", flush=True)
            count += 1
            if not noticed and (options.kernel or not name.startswith("verifier-")):
                survivors.append(name)
    print(f"{count} faults, {len(survivors)} not noticed")
    return 1 if survivors else 0


sys.exit(main())
