#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""recursion.py COMPILER CORE: no function of libcbpf calls itself, directly or through others, and
none has a stack frame of variable size. So the stack that a call needs does not depend on the
program to compile. Prints how much it is, and asserts that it is small."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

STACK_MOST = 8192  # bytes, without those of the C library
INDIRECT = ("__indirect_call", "qsort")  # calls whose target the compiler does not know


def compile_graphs(compiler, core, folder):
    """The compiler's call graphs of all files, without inlining; None if it cannot print them."""
    for source in sorted(glob.glob(os.path.join(core, "*.c"))):
        done = subprocess.run(
            [compiler, "-std=c11", "-D_GNU_SOURCE", "-O0", "-fcallgraph-info=su", "-I" + core,
             "-I" + os.path.join(core, "include"), "-c", source, "-o",
             os.path.join(folder, os.path.basename(source)[:-2] + ".o")],
            stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr, end="")
            return None
    return glob.glob(os.path.join(folder, "*.ci"))


def read_graph(paths):
    """The size of each function's frame, and who calls whom."""
    frames, calls, dynamic = {}, {}, []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for name, label in re.findall(r'node: \{ title: "([^"]+)" label: "([^"]*)"', text):
            size = re.search(r"(\d+) bytes \(([\w,]+)", label)
            if size:
                frames[name] = int(size.group(1))
                dynamic += [name] if size.group(2) == "dynamic" else []
        for caller, callee in re.findall(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"',
                                         text):
            calls.setdefault(caller, set()).add(callee)
    called = set().union(*calls.values())
    by_address = {name for name in frames if name not in called and not name.startswith("cbpf_")}
    for name in INDIRECT:
        calls[name] = set(by_address)
    return frames, calls, dynamic


def deepest(name, frames, calls, path, known):
    """The maximum number of bytes of stack from name on. Raises RecursionError with the path of a cycle."""
    if name in path:
        raise RecursionError(" -> ".join(path[path.index(name):] + [name]))
    if name not in known:
        below = [deepest(callee, frames, calls, path + [name], known)
                 for callee in sorted(calls.get(name, ()))]
        known[name] = frames.get(name, 0) + max(below, default=0)
    return known[name]


def main():
    compiler, core = sys.argv[1:]
    if not shutil.which(compiler):
        print(f"SKIP: no {compiler}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        paths = compile_graphs(compiler, core, folder)
        if not paths:
            print(f"SKIP: {compiler} makes no call graphs (gcc 10 and later do)")
            return 77
        frames, calls, dynamic = read_graph(paths)
    known = {}
    try:
        for name in sorted(frames):
            deepest(name, frames, calls, [], known)
    except RecursionError as error:
        print(f"FAIL: recursion: {error}")
        return 1
    name = max(frames, key=lambda name: known[name])
    print(f"{len(frames)} functions, no recursion; at most {known[name]} bytes of stack ({name})")
    if dynamic or known[name] > STACK_MOST:
        print(f"FAIL: more than {STACK_MOST} bytes, or frames of variable size: {dynamic}")
        return 1
    return 0


sys.exit(main())
