#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""screen.py HOOK SENDER NAMESPACE: drives `xdpshark stat` on terminals of its own."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

HOOK, SENDER, NAMESPACE = sys.argv[1:]
ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
LIMIT = 40


class Terminal:
    """A terminal with xdpshark stat on it."""

    def __init__(self, *words, width=80, height=24, **environment):
        self.text = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            for name, value in environment.items():
                os.environ[name] = value
            os.environ.setdefault("TERM", "xterm")
            # Sizes come before the first frame.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            os.execvp("xdpshark", ["xdpshark", "stat", "-i", "0.2", *words])
        self.wait_for(lambda: b"ACTION" in self.text, "a table")

    def read(self, seconds=0.1):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return False
            self.text += data
            return bool(data)
        return True

    def wait_for(self, condition, what):
        end = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}: {self.text[-3000:]!r}"
            self.read()

    def frames(self):
        """Whole frames so far, each a list of lines without escapes."""
        return [[ESCAPE.sub(b"", line).decode() for line in frame.split(b"\r\n")]
                for frame in self.text.split(b"\x1b[H")[1:-1]]

    def wait_for_frame(self, condition, what):
        start = len(self.frames())
        self.wait_for(lambda: any(condition(frame) for frame in self.frames()[start:]), what)

    def type(self, keys):
        os.write(self.master, keys)

    def settings(self):
        return termios.tcgetattr(self.master)

    def end(self, status=0):
        end = time.monotonic() + LIMIT
        while self.read() and time.monotonic() < end:
            pass
        assert time.monotonic() < end, "it does not end"
        actual = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert actual == status, f"status {actual}: {self.text[-2000:]!r}"
        os.close(self.master)


def send(count, *ports):
    subprocess.run(["nsenter", f"--net={NAMESPACE}", "--", SENDER, "--count", str(count), "--size", "58",
                    *map(str, ports)], check=True, stdout=subprocess.DEVNULL, timeout=LIMIT)


def rows(frame):
    """Actions and total packets, from top to bottom."""
    return re.findall(r"(ABORTED|DROP|PASS|TX|REDIRECT) .* (\S+) +\S+ *$", "\n".join(frame), re.M)


def is_attached():
    hooks = json.loads(subprocess.run(["xdpshark", "list", "--json"], capture_output=True, check=True).stdout)
    return any(slot["program"] for hook in hooks for slot in hook["slots"])


# Sorted by packets a second; q ends it, and what was counted stays on the terminal.
terminal = Terminal(HOOK, width=120)
raw = terminal.settings()
assert not raw[3] & (termios.ICANON | termios.ECHO) and raw[3] & termios.ISIG, "keys are not read"
send(20, 1002)
terminal.wait_for_frame(lambda frame: rows(frame)[:1] == [("PASS", "20")], "passed packets at the top")
assert b"\x1b[32mPASS" in terminal.text, "no colour"
send(20, 1001)
terminal.wait_for_frame(lambda frame: rows(frame)[:1] == [("DROP", "20")], "dropped packets at the top")
terminal.type(b"n")
terminal.wait_for_frame(lambda frame: [row[0] for row in rows(frame)][:2] == ["ABORTED", "DROP"], "an order by name")
fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
terminal.wait_for_frame(lambda frame: all(len(line) <= 50 for line in frame) and
                        not any("PROGRAM" in line for line in frame) and any(".." in line and "example_hook" in line for line in frame), "a narrow table")
terminal.type(b"q")
terminal.end()
screen, rest = terminal.text.split(b"\x1b[?1049l")
assert screen.startswith(b"\x1b[?1049h\x1b[?25l"), screen[:100]
assert rest.count(b"\n") == 6 and re.search(rb"DROP\S* .* 20 +2000\r\n", rest), rest

# Ctrl-C, without colours.
for words, environment in ((("--color", "never"), {}), ((), {"NO_COLOR": "1"})):
    terminal = Terminal(*words, **environment)
    assert b"\x1b[31m" not in terminal.text, "colours that are not wanted"
    assert all(len(line) <= 80 for frame in terminal.frames() for line in frame), terminal.frames()
    before = terminal.settings()[3] | termios.ICANON | termios.ECHO
    terminal.type(b"\x03")
    terminal.end()

# Any size will do.
for width, height in ((1, 1), (20, 3), (400, 100)):
    terminal = Terminal(HOOK, width=max(width, 30), height=height)
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    time_before = len(terminal.frames())
    terminal.wait_for(lambda: len(terminal.frames()) > time_before + 2, "frames")
    terminal.type(b"q")
    terminal.end()

# Ctrl-Z leaves the terminal as it was, and it goes on.
terminal = Terminal(HOOK)
terminal.type(b"\x1a")
end = time.monotonic() + LIMIT
while os.waitpid(terminal.pid, os.WUNTRACED | os.WNOHANG)[0] == 0:
    assert time.monotonic() < end, "it does not stop"
    terminal.read()
assert terminal.settings()[3] & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO, "left raw"
terminal.wait_for(lambda: b"\x1b[?1049l" in terminal.text, "the first screen")
assert is_attached(), "it does not count while it is stopped"
terminal.text = b""
os.kill(terminal.pid, signal.SIGCONT)
terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.text and terminal.frames(), "another frame")
assert not terminal.settings()[3] & termios.ICANON, "keys are not read any more"
terminal.type(b"q")
terminal.end()

# A terminal that is paused, and one that goes away, keep nothing from ending.
terminal = Terminal(HOOK)
terminal.type(b"\x13")
os.kill(terminal.pid, signal.SIGTERM)
end = time.monotonic() + LIMIT
while is_attached():
    assert time.monotonic() < end, "it does not end"
os.kill(terminal.pid, signal.SIGCONT)
os.waitpid(terminal.pid, 0)
os.close(terminal.master)
terminal = Terminal(HOOK)
os.close(terminal.master)
os.waitpid(terminal.pid, 0)
end = time.monotonic() + LIMIT
while is_attached():
    assert time.monotonic() < end, "the slots stay taken"

# -b: no screen.
terminal = Terminal("-b", HOOK, "-n", "2")
terminal.end()
assert b"\x1b[?1049h" not in terminal.text and terminal.text.count(b"ACTION") == 2, terminal.text
