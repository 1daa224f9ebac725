# SPDX-License-Identifier: GPL-2.0-or-later
"""quota.py ATTACK [ARGUMENT...]: a user who takes as much as there is. Prints what was to be had, and why no more."""
import errno
import os
import signal
import sys
import time

from hookd import GLib, RETURN_ALL, Hookd, Refused, check, pin, refused

HOOK = "/sys/fs/bpf/example_hook"
OTHER = "/sys/fs/bpf/other_hook"
MIB = 1024 * 1024


def slow_filter(length):
    """So many instructions that no compiler shortens."""
    code = [(0x20, 0, 0, 16), (0x07, 0, 0, 0), (0x20, 0, 0, 20)]  # X = [16], A = [20]
    for i in range((length - len(code) - 1) // 2):
        code += [(0x24, 0, 0, 3 + 2 * (i % 100)), (0x0C, 0, 0, 0)]  # A *= n, A += X
    return code + [(0x16, 0, 0, 0)]


def take_places(processes, of_each):
    """That many processes with so many captures of the hook each. Held until it is ended."""
    hookds = [Hookd() for _ in range(int(processes))]
    taken = 0
    for hookd in hookds:
        for _ in range(int(of_each)):
            try:
                number, _ = hookd.open(HOOK)
                hookd.attach(number)
                taken += 1
            except Refused as reason:
                print(taken, reason, flush=True)
                signal.pause()
                return
    print(taken, flush=True)
    signal.pause()


def ring_size(total):
    """A ring's for a capture of that size, and the size that it has."""
    size = 1
    while size * 2 * os.cpu_count() <= total:
        size *= 2
    return size, size * os.cpu_count()


def take_memory(allowed):
    """Rings until there are no more: over processes, and as long as anybody keeps them."""
    allowed = int(allowed) * MIB
    ring, each = ring_size(allowed // 4)
    hookds = [Hookd(), Hookd()]
    held = []
    for i in range(9):
        try:
            held.append(hookds[i % 2].open(HOOK, ring=ring)[1])
        except Refused as reason:
            check("your captures have" in str(reason), f"the reason is: {reason}")
            break
    check(allowed // 2 <= len(held) * each <= allowed < (len(held) + 1) * each + 16 * MIB, f"{len(held)} captures of {each}")
    refused("your captures have", Hookd().open, OTHER, ring=ring)
    for hookd in hookds:
        hookd.close()
    # The descriptors that are left keep the rings.
    refused("your captures have", Hookd().open, HOOK, ring=ring)
    for i, fds in enumerate(held):
        reason = pin(fds[0], f"/sys/fs/bpf/kept{i}")
        check(reason in (0, errno.EPERM), f"pin {i}: {os.strerror(reason)}")
        if reason:
            print("(this kernel lets no ordinary user pin)", flush=True)
        for fd in fds:
            os.close(fd)
    if os.path.exists("/sys/fs/bpf/kept0"):
        refused("while a pin or a process keeps them", Hookd().open, HOOK, ring=ring)
        for i in range(len(held)):
            os.unlink(f"/sys/fs/bpf/kept{i}")
    deadline = time.monotonic() + 30
    while True:
        try:
            Hookd().open(HOOK, ring=ring)
            return
        except Refused as reason:
            check("your captures have" in str(reason) and time.monotonic() < deadline, f"the reason is: {reason}")


def keep_small_maps():
    """Captures that have ended, of which one small map is kept each."""
    for i in range(65):
        hookd = Hookd()
        try:
            _, fds = hookd.open(HOOK if i % 2 else OTHER, actions=1 << i // 2 % 5)
        except Refused as reason:
            check("captures of yours are on it" in str(reason) and i == 16, f"{i}: {reason}")
            return
        if pin(fds[1], f"/sys/fs/bpf/small{i}") != 0:
            return
        for fd in fds:
            os.close(fd)
        hookd.close()
    check(False, "captures without end")


def take_instructions():
    hookd = Hookd()
    for length, text in ((100000, "classic instructions"), (50000, "a packet takes up to")):
        refused(text, hookd.check, slow_filter(length))
        refused(text, hookd.open, HOOK, filter=slow_filter(length))
    hookd.check(slow_filter(20000))
    hookd.open(HOOK, filter=slow_filter(20000))
    refused("with this filter your captures on it take up to", hookd.open, HOOK, filter=slow_filter(20000))
    refused("with this filter your captures on it take up to", Hookd().open, HOOK, filter=slow_filter(20000))
    hookd.open(HOOK, filter=slow_filter(10000))
    hookd.open(OTHER, filter=slow_filter(20000))
    # A filter that is changed counts as a first one does.
    changed, _ = hookd.open(HOOK)
    refused("is not attached", hookd.change, changed, [RETURN_ALL])
    hookd.attach(changed)
    for length, text in ((100000, "classic instructions"), (50000, "a packet takes up to"), (20000, "with this filter your captures")):
        refused(text, hookd.change, changed, slow_filter(length))
    hookd.change(changed, slow_filter(2000))
    refused("with this filter your captures", hookd.open, HOOK, filter=slow_filter(2000))
    hookd.change(changed, [RETURN_ALL])
    hookd.open(HOOK, filter=slow_filter(2000))


def load_large():
    Hookd().check(slow_filter(50000))


def open_large(mib, text=""):
    ring, _ = ring_size(int(mib) * MIB)
    if text:
        refused(text, Hookd().open, HOOK, ring=ring)
    else:
        Hookd().open(HOOK, ring=ring)


def move(old, new):
    """old and new: ids of the hooks that were and are pinned. What was opened on the old one is moved behind."""
    print("opening", flush=True)
    early, late = Hookd(), Hookd()
    for _ in range(8):
        number, _ = early.open(HOOK, int(old))
        early.attach(number)
    print("opened", flush=True)
    deadline = time.monotonic() + 60
    while not os.path.exists("moved"):
        check(time.monotonic() < deadline, "nobody moves the hook")
        time.sleep(0.05)
    for _ in range(8):
        number, fds = late.open(HOOK, int(new))
        late.attach(number)
        for fd in fds:
            os.close(fd)
    refused("captures of yours are on it", early.call, "move-session", GLib.Variant("(uu)", (0, int(new))))
    # A move that fails takes nothing off the old one.
    refused("", early.call, "move-session", GLib.Variant("(uu)", (0, 1)))
    late.close()
    deadline = time.monotonic() + 30
    while True:
        try:
            early.call("move-session", GLib.Variant("(uu)", (0, int(new))))
            return
        except Refused as reason:
            # On a busy machine the kernel frees things late.
            check("captures of yours" in str(reason) and time.monotonic() < deadline, f"the reason is: {reason}")


def wait_for_lock(text=""):
    if text:
        refused(text, Hookd().open, HOOK)
    else:
        Hookd().open(HOOK)


globals()[sys.argv[1]](*sys.argv[2:])
