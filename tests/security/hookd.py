# SPDX-License-Identifier: GPL-2.0-or-later
"""xdpshark-hookd as somebody with bad intentions speaks to it: any call in any order, and what comes of it."""
import array
import ctypes
import os
import socket
import struct
import sys

try:
    from gi.repository import GLib
except ImportError:
    print("SKIP: needs python3-gi")
    sys.exit(77)

PATH = "/usr/local/libexec/xdpshark/xdpshark-hookd"
REPLY = GLib.VariantType("(bsisa(us)v)")
SYS_BPF = {"x86_64": 321, "aarch64": 280, "s390x": 351}[os.uname().machine]
OBJ_PIN = 6
RETURN_ALL = (0x06, 0, 0, 0xFFFFFFFF)


def instruction(code, jt, jf, k):
    """A classic instruction as the 64-bit number that the calls have."""
    return struct.unpack("=Q", struct.pack("=HBBI", code, jt, jf, k))[0]


class Refused(Exception):
    pass


class Hookd:
    """A process of xdpshark-hookd. prepare: what its caller does before it is started."""

    def __init__(self, prepare=lambda: None, path=PATH):
        self.socket, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(theirs.fileno(), 3)
            prepare()
            os.execve(path, ["xdpshark-hookd"], {})
        theirs.close()
        self.sessions = 0

    def send(self, method, arguments):
        request = GLib.Variant("(sv)", (method, arguments)).get_data_as_bytes().get_data()
        self.socket.sendall(struct.pack("=I", len(request)) + request)

    def receive(self):
        head, control, _, _ = self.socket.recvmsg(4, socket.CMSG_SPACE(16 * 4))
        fds = array.array("i")
        for _, kind, data in control:
            if kind == socket.SCM_RIGHTS:
                fds.frombytes(data[: len(data) - len(data) % 4])
        size = struct.unpack("=I", head)[0]
        body = b""
        while len(body) < size:
            piece = self.socket.recv(size - len(body))
            if not piece:
                raise ConnectionError("xdpshark-hookd has ended")
            body += piece
        reply = GLib.Variant.new_from_bytes(REPLY, GLib.Bytes.new(body), False)
        done, _, _, message, _, _ = reply.unpack()
        if not done:
            raise Refused(message)
        return reply.get_child_value(5).get_variant(), list(fds)

    def call(self, method, arguments=None):
        self.send(method, arguments or GLib.Variant("()", ()))
        return self.receive()

    def list(self):
        return self.call("list-points", GLib.Variant("(s)", ("",)))

    def hook(self, path):
        result, _ = self.call("open-points", GLib.Variant("(a(say))", ([("xdp", path.encode() + b"\0")],)))
        return result.get_child_value(0).get_child_value(3).get_uint32()

    def check(self, filter):
        return self.call("check-filter", GLib.Variant("(at)", ([instruction(*i) for i in filter],)))

    def open(self, path, map_id=None, filter=(RETURN_ALL,), ring=4096, actions=1 << 1):
        """The number of the session that is opened, and the descriptors that come with it."""
        if map_id is None:
            map_id = self.hook(path)
        options = {
            "source": GLib.Variant("s", "xdp"),
            "address": GLib.Variant("ay", path.encode() + b"\0"),
            "id": GLib.Variant("u", map_id),
            "filter": GLib.Variant("at", [instruction(*i) for i in filter]),
            "snaplen": GLib.Variant("u", 65535),
            "verdicts": GLib.Variant("u", actions),
            "ring-size": GLib.Variant("t", ring),
        }
        _, fds = self.call("open-session", GLib.Variant("(a{sv})", (options,)))
        self.sessions += 1
        return self.sessions - 1, fds

    def attach(self, number):
        return self.call("attach-sessions", GLib.Variant("(au)", ([number],)))

    def change(self, number, filter, actions=1 << 1):
        options = {
            "filter": GLib.Variant("at", [instruction(*i) for i in filter]),
            "verdicts": GLib.Variant("u", actions),
        }
        return self.call("change-session", GLib.Variant("(ua{sv})", (number, options)))

    def status(self):
        """Of /proc/PID/status, as a dictionary."""
        with open(f"/proc/{self.pid}/status") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def close(self):
        self.socket.close()
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def pin(fd, path):
    """BPF_OBJ_PIN; returns errno."""
    libc = ctypes.CDLL(None, use_errno=True)
    name = ctypes.create_string_buffer(path.encode())
    attributes = struct.pack("=QII", ctypes.addressof(name), fd, 0).ljust(64, b"\0")
    return 0 if libc.syscall(SYS_BPF, OBJ_PIN, attributes, 16) == 0 else ctypes.get_errno()


def check(condition, text):
    if not condition:
        print("FAIL:", text, file=sys.stderr)
        os._exit(1)


def refused(text, call, *arguments, **named):
    """That call is refused with a message that has text."""
    try:
        call(*arguments, **named)
    except Refused as reason:
        check(text in str(reason), f"the reason is: {reason}")
        return
    check(False, f"not refused: {text}")
