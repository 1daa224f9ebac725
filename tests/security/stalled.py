# SPDX-License-Identifier: GPL-2.0-or-later
"""stalled.py ATTACK: a member who holds his xdpshark-hookd up while it is in a hook's slots."""
import os
import select
import signal
import struct
import sys
import time

from hookd import GLib, Hookd, check

HOOK = "/sys/fs/bpf/example_hook"
# The time that a message may take, and some more.
LIMIT = 45


def attached():
    hookd = Hookd()
    number, fds = hookd.open(HOOK)
    hookd.attach(number)
    return hookd, fds


def wait_for_end(hookd):
    deadline = time.monotonic() + LIMIT
    while os.waitid(os.P_PID, hookd.pid, os.WEXITED | os.WNOHANG) is None:
        check(time.monotonic() < deadline, "xdpshark-hookd is held up")
        select.select([], [], [], 0.1)


def send_half():
    hookd, _ = attached()
    hookd.socket.sendall(struct.pack("=I", 1000) + b"half")
    wait_for_end(hookd)


def read_nothing():
    hookd, _ = attached()
    hookd.socket.setblocking(False)
    try:
        while True:
            hookd.send("list-hooks", GLib.Variant("()", ()))
    except BlockingIOError:
        pass
    wait_for_end(hookd)


def ask_always():
    """Behind other members' captures, which end then: what is kept of them is closed, whatever is asked meanwhile."""
    hookd, _ = attached()
    print("attached", flush=True)
    while True:
        hookd.call("look", GLib.Variant("(au)", ([],)))


def hold():
    hookd, fds = attached()
    with open(f"/proc/self/fdinfo/{fds[0]}") as file:
        print(*[line.split()[1] for line in file if line.startswith("map_id")], flush=True)
    signal.pause()


globals()[sys.argv[1]]()
