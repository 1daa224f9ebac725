# SPDX-License-Identifier: GPL-2.0-or-later
"""account.py UID GID: a member of the group tries to get hold of his xdpshark-hookd, which runs as that uid and gid."""
import ctypes
import fcntl
import os
import resource
import select
import signal
import socket
import sys
import time

from hookd import Hookd, check, refused

uid, gid = sys.argv[1:3]
hook = "/sys/fs/bpf/example_hook"
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206
CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH = 21, 2


def denied(what, call, *arguments):
    try:
        call(*arguments)
    except (PermissionError, ProcessLookupError):
        return
    check(False, f"the member may {what}")


def seize(pid):
    if libc.ptrace(PTRACE_SEIZE, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def affinity(pid):
    os.sched_setaffinity(pid, {0})


def check_identity(hookd):
    status = hookd.status()
    check(status["Uid"].split() == [uid] * 4, f"uids are {status['Uid']}")
    check(status["Gid"].split() == [gid] * 4, f"gids are {status['Gid']}")
    check(status["Groups"].strip() == "", f"groups are {status['Groups']}")
    kept = f"{1 << CAP_SYS_ADMIN | 1 << CAP_DAC_READ_SEARCH:016x}"
    for name, expected in (("CapPrm", kept), ("CapEff", kept), ("CapInh", "0" * 16), ("CapBnd", "0" * 16), ("CapAmb", "0" * 16)):
        check(status[name] == expected, f"{name} is {status[name]}, not {expected}")
    check(status["NoNewPrivs"] == "1", "no_new_privs is not set")
    check(status["Seccomp"] == "2" or "XDPSHARK_SANITIZED" in os.environ, "there is no seccomp filter")
    check(os.getsid(hookd.pid) == hookd.pid != os.getsid(0), "it is in its caller's session")


def check_limits(pid):
    with open(f"/proc/{pid}/limits") as file:
        limits = {line[:26].strip(): line[26:].split()[0] for line in file}
    expected = {
        "Max cpu time": "unlimited",
        "Max file size": "unlimited",
        "Max data size": "unlimited",
        "Max stack size": "8388608",
        "Max core file size": "0",
        "Max address space": "unlimited",
    }
    for name, value in expected.items():
        check(limits[name] == value, f"{name} is {limits[name]}")


def attack(hookd):
    """All that the kernel lets one do to one's own processes."""
    pid = hookd.pid
    for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM, 0):
        denied(f"send it signal {number}", os.kill, pid, number)
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
        denied("change its limits", resource.prlimit, pid, limit, (0, 0))
    denied("attach to it", seize, pid)
    for name in ("mem", "environ", "maps", "fd/3", "ns/net"):
        denied(f"open its {name}", open, f"/proc/{pid}/{name}", "rb")
    denied("give it another priority", os.setpriority, os.PRIO_PROCESS, pid, 19)
    denied("give it another CPU", affinity, pid)
    denied("make it idle", os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))
    # A signal by way of its socket, another end of which is ours.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        try:
            fcntl.fcntl(hookd.theirs, fcntl.F_SETOWN, pid)
            fcntl.fcntl(hookd.theirs, 10, number)  # F_SETSIG
            fcntl.fcntl(hookd.theirs, fcntl.F_SETFL, os.O_ASYNC)
        except OSError:
            break
        hookd.list()
    check(hookd.status()["State"][0] in "SR", f"it is {hookd.status()['State']}")
    hookd.list()


class Watched(Hookd):
    """With a copy of the socket that xdpshark-hookd has."""

    def __init__(self, prepare=lambda: None):
        ours = []

        def keep(pair=socket.socketpair):
            ours.extend(pair())
            return ours[0], ours[1].dup()

        original, socket.socketpair = socket.socketpair, keep
        super().__init__(prepare)
        socket.socketpair = original
        self.theirs = ours[1]


def prepare_trouble():
    """What is inherited over exec, and would end or hold up a process later."""
    for limit, value in (
        (resource.RLIMIT_CPU, (1, 2)),
        (resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)),
        (resource.RLIMIT_STACK, (262144, resource.RLIM_INFINITY)),
        (resource.RLIMIT_NOFILE, (32, 4096)),
    ):
        if limit == resource.RLIMIT_CPU and "XDPSHARK_NO_RESOURCE" in os.environ:
            value = (1, resource.RLIM_INFINITY)
        resource.setrlimit(limit, value)
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setaffinity(0, {0})
    libc.prctl(29, ctypes.c_ulong(10**10))  # PR_SET_TIMERSLACK
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    os.kill(os.getpid(), signal.SIGTSTP)
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.5)


def check_low_limits():
    """Limits that are too low, where nobody may raise them."""
    limits = [(resource.RLIMIT_CPU, "CPU time"), (resource.RLIMIT_FSIZE, "file size")]
    if "XDPSHARK_SANITIZED" not in os.environ:  # it reserves much more
        limits.append((resource.RLIMIT_AS, "address space"))
    for limit, name in limits:
        value = 10**9 if limit == resource.RLIMIT_AS else 1000
        refused(f"may not raise the limit of {name}", Hookd(lambda: resource.setrlimit(limit, (value, value))).list)


def check_trouble(hookd):
    hookd.list()
    check_limits(hookd.pid)
    check(os.getpriority(os.PRIO_PROCESS, hookd.pid) == 0, "its priority is its caller's")
    check(os.sched_getscheduler(hookd.pid) == os.SCHED_OTHER, "its scheduler is its caller's")
    check(len(os.sched_getaffinity(hookd.pid)) == os.cpu_count(), "its CPUs are its caller's")
    with open(f"/proc/{hookd.pid}/status") as file:
        check("SigBlk:\t" + "0" * 16 in file.read(), "signals are blocked")
    number, _ = hookd.open(hook)
    hookd.attach(number)
    # Longer than the timers.
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        hookd.list()
        select.select([], [], [], 0.1)
    check(hookd.close() == 0, "it has been ended")


def check_terminal():
    """Keys that stop, end or hang up what runs in a terminal."""
    master, slave = os.openpty()

    def in_terminal():
        os.setsid()
        fcntl.ioctl(slave, 0x540E, 0)  # TIOCSCTTY

    hookd = Hookd(in_terminal)
    hookd.list()
    for key in (b"\x1a", b"\x03", b"\x1c"):
        os.write(master, key)
    hookd.list()
    os.close(master)
    os.close(slave)
    hookd.list()
    check(hookd.close() == 0, "it has been ended")


hookd = Watched()
number, _ = hookd.open(hook)
hookd.attach(number)
check_identity(hookd)
check_limits(hookd.pid)
attack(hookd)
hookd.theirs.close()
check(hookd.close() == 0, "it has been ended")
check_trouble(Hookd(prepare_trouble))
check_terminal()
if "XDPSHARK_NO_RESOURCE" in os.environ:
    check_low_limits()
