# SPDX-License-Identifier: GPL-2.0-or-later
"""A capture file made by a hostile peer must not crash Wireshark through the plugin. What our own writer wrote is
changed by chance, with the structure of pcapng in mind, thousands of times, and read with a plugin that was built with
ASan and UBSan. Only a signal, a sanitizer's report and a dissector's bug count: that Wireshark complains about such
files is its right. Arguments: the plugin, the program that writes the sample, and how many rounds.

Wireshark needs a quarter of a second for a file, however small, so that changes which it reads over stand in one file
(a section after the other, each a whole file of its own); those at which it stops reading need a file each.

XDPSHARK_SEED chooses other changes, XDPSHARK_ROUNDS another number of rounds."""

import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

from wireshark import SKIP, Wireshark

SEED = int(os.environ.get("XDPSHARK_SEED", "1"))
ROUNDS = int(os.environ.get("XDPSHARK_ROUNDS") or sys.argv[3])
# Number of each per round.
TSHARK_FILES = 4
TSHARK_SECTIONS = 600
SHARKD_RUNS = 2
SHARKD_FILES = 20
TIME_LIMIT = 600  # seconds for one program; the whole takes some 20

SECTION, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6
OPTIONS_START = {SECTION: 16, INTERFACE: 8, STATISTICS: 12}
COMMENT, NAME, DESCRIPTION = 1, 2, 3
EXITS = (
    b"xdp at=exit action=TX ns=412 changed=bytes,head,tail", b"xdp at=exit action=PASS changed=bytes,head",
    b"xdp at=exit action=REDIRECT ns=7 changed=head redirect=devmap:12:3 part=linear", b"xdp at=exit changed=tail",
    b"xdp at=exit redirect=xskmap:7:0 socket=18446744073709551615 process=#7",
    b"xdp at=exit action=REDIRECT redirect=if:a%20b", b"xdp at=exit action=PASS changed=bytes prog=fw#812 if=eth0",
)
COMMENTS = (
    b"skb at=drops reason=NETFILTER_DROP if=eth0 cpu=1 function=nft_do_chain+0x3e8 process=sh pid=7 stack=a+0x1,b,,c mark=0x1f made=link part=linear",
    b"skb at=a journey=5", b"skb at=b journey=5 reason=X", b"skb at=c journey=18446744073709551615",
    b"xdp action=DROP hook=/sys/fs/bpf/a%20b prog=f#w%23#812 if=eth0 queue=3 cpu=1",
    b"xdp action=ABORTED", b"xdp action=PASS prog=#7 if=%C3%A9 other=1", b"xdp action=REDIRECT prog=" + b"p" * 512,
    b"", b"xdp ", b"xdp at=entry", b"xdp at=xsk sent=BUSY socket=4711 process=app#12", *EXITS,
)
# Used rarely: they take time.
LONG_COMMENTS = (b"xdp action=TX hook=" + b"%41" * 4096, b"xdp " + b"a=b " * 16000 + b"action=DROP", b"x" * 65535)
DESCRIPTIONS = (b"xdp hook=/a prog=fw#1 if=eth0", b"xdp at=entry prog=fw#812 if=eth0", b"xdp at=exit prog=fw#812 if=eth0")
NAMES = (b"fw", b"eth0:fw()@fentry", b"eth0:fw()@fexit", b"XDPDrop", b"XDPxdpAction(4)", b"eth0:xdp_main()@fentry", b"eth0:1:f()@fexit",
         b":()@fexit", b"",
         b"XDP" + b"D" * 3000, b"e" * 3000 + b":f()@fexit", b"XDPxdpAction(")
TELLING = b"# %%%==xdp02afFPTX:()@\xc3\xff\x00\n"
LENGTHS = (0, 1, 2, 3, 4, 7, 8, 9, 12, 255, 4096, 32767, 65532, 65535)
WORDS = (0, 1, 2, 3, 4, 8, 11, 12, 28, 32, 262144, 262145, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF)


def octets_change(chance, data):
    """A copy with some octets replaced, inserted, removed or repeated, no longer than an option can be."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        octet = chance.choice((chance.choice(TELLING), chance.randrange(256)))
        change = chance.randrange(5)
        if change == 0:
            data.insert(place, octet)
        elif change == 1:
            del data[place:place + chance.choice((1, 8))]
        elif change == 2:
            data[place:place] = data[:chance.choice((1, 8, 80))] * chance.choice((1, 2, 40))
        else:
            data[place:place + 1] = bytes((octet,))
    return bytes(data[:65535])


class Block:
    """One block in parts, so that each can be wrong on its own."""

    def __init__(self, kind, fixed, options):
        self.kind = kind
        self.fixed = fixed
        self.options = options  # (code, value, length that is told)
        self.ends = True  # with opt_endofopt
        self.told = None  # lengths of the block at its start and its end, where they are a lie

    def option_add(self, chance, code, value):
        self.options.insert(chance.randrange(len(self.options) + 1), (code, value, len(value)))

    @property
    def data(self):
        body = self.fixed
        for code, value, told in self.options:
            body += struct.pack("<HH", code, told) + value + bytes(-len(value) % 4)
        if self.ends:
            body += bytes(4)
        lengths = self.told or (len(body) + 12,) * 2
        return struct.pack("<II", self.kind, lengths[0]) + body + struct.pack("<I", lengths[1])


def block_read(kind, body):
    start = OPTIONS_START.get(kind)
    if kind == PACKET:
        start = 20 + (struct.unpack_from("<I", body, 12)[0] + 3 & ~3)
    fixed, body, options = body[:start], body[start:], []
    while len(body) >= 4:
        code, length = struct.unpack_from("<HH", body)
        if code == 0:
            break
        options.append((code, body[4:4 + length], length))
        body = body[4 + length + -length % 4:]
    return Block(kind, fixed, options)


def blocks_read(data):
    blocks = []
    while data:
        kind, length = struct.unpack_from("<II", data)
        blocks.append(block_read(kind, data[8:length - 4]))
        data = data[length:]
    return blocks


def block_copy(block):
    return Block(block.kind, block.fixed, list(block.options))


# Changes that keep a block whole, so that the reader gets to the next one.
def comment_change(chance, block):
    block.options = [option for option in block.options if option[0] != COMMENT]
    for _ in range(chance.choice((1, 1, 1, 1, 1, 2, 20))):
        value = chance.choice(COMMENTS if chance.random() < 0.98 else LONG_COMMENTS)
        block.option_add(chance, COMMENT, octets_change(chance, value) if chance.random() < 0.8 else value)


def option_change(chance, block):
    """Any value for options of fixed length, and unknown options."""
    code, length = chance.choice(((2, 4), (4, 8), (5, 8), (6, 4), (15, 33), (2988, 12), (65535, 1)))
    block.option_add(chance, code, chance.randbytes(length))


def verdict_change(chance, block):
    kind = chance.choice((0, 1, 2, 2, 2, 3, 255))
    value = chance.randbytes(8) if chance.random() < 0.3 else struct.pack("<Q", chance.randrange(7))
    block.option_add(chance, 7, bytes((kind,)) + value)


def sighting_change(chance, block):
    """A packet of which there are others with the same number, cut, longer or with other octets in it."""
    block.option_add(chance, 5, struct.pack("<Q", chance.randrange(3)))
    head = list(struct.unpack("<5I", block.fixed[:20]))
    frame = bytearray(block.fixed[20:20 + head[3]])
    for _ in range(chance.randrange(6) if frame else 0):
        frame[chance.randrange(len(frame))] = chance.randrange(256)
    place = chance.choice((0, 12, 14, chance.randrange(len(frame) + 1)))
    if chance.random() < 0.5:
        frame[place:place] = chance.randbytes(chance.choice((1, 4, 20, 50, 300)))
    else:
        del frame[place:place + chance.choice((0, 1, 4, 20, 1000))]
    head[3] = len(frame)
    head[4] = chance.choice((len(frame), len(frame), len(frame) + 9, *WORDS))
    block.fixed = struct.pack("<5I", *head) + bytes(frame) + bytes(-len(frame) % 4)


def sightings_make(chance, sample):
    """A packet at entry and at exit, which changed it; now and then they do not fit."""
    blocks = [block_copy(sample), block_copy(sample)]
    for block, comment in zip(blocks, (b"xdp at=entry", chance.choice(EXITS))):
        block.options = [(COMMENT, comment, len(comment))]
        sighting_change(chance, block)
        if chance.random() < 0.3:
            chance.choice(HARMLESS)(chance, block)
    if chance.random() < 0.8:
        for block in blocks:
            block.options.insert(0, (5, bytes(8), 8))
            block.fixed = blocks[0].fixed[:4] + block.fixed[4:]
    return blocks


def interface_change(chance, block):
    if block.kind == PACKET:
        block.fixed = struct.pack("<I", chance.randrange(4)) + block.fixed[4:]


def name_change(chance, block):
    for code in (NAME, DESCRIPTION):
        value = chance.choice(NAMES if code == NAME or chance.random() < 0.3 else DESCRIPTIONS)
        block.option_add(chance, code, octets_change(chance, value) if chance.random() < 0.5 else value)


# Changes that break a block: most readers stop there.
def value_lie(chance, block):
    """An option that is too short or too long for its type, but fits into the block."""
    length = chance.choice(LENGTHS[:9])
    block.option_add(chance, chance.choice((*range(1, 16), 2988, 2989, 19372)), chance.randbytes(length))


def length_lie(chance, block):
    if not block.options:
        return value_lie(chance, block)
    index = chance.randrange(len(block.options))
    code, value, length = block.options[index]
    block.options[index] = (code, value, chance.choice((*LENGTHS, length + 1, length + 4, max(length - 1, 0))))
    return None


def block_lie(chance, block):
    whole = len(block.data)
    lie = chance.choice((*WORDS, whole + 4, whole - 4, whole + 1))
    block.told = chance.choice(((lie, whole), (whole, lie), (lie, lie)))


def fixed_lie(chance, block):
    if len(block.fixed) < 4:
        return
    place = chance.randrange(len(block.fixed) // 4) * 4
    block.fixed = block.fixed[:place] + struct.pack("<I", chance.choice(WORDS)) + block.fixed[place + 4:]


def kind_change(chance, block):
    block.kind = chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 9, 0xA, 0xBAD, 0x40000BAD, 0x0A0D0D0A, 0x80000000))


def end_drop(_, block):
    block.ends = False


HARMLESS = (comment_change, comment_change, sighting_change, sighting_change, option_change, verdict_change,
            interface_change)
HARMFUL = (value_lie, length_lie, block_lie, fixed_lie, kind_change, end_drop)


def section_make(chance, blocks, harmful):
    """A whole file with some packets; harmful: anything in it may be wrong."""
    section, *interfaces = [block for block in blocks if block.kind in (SECTION, INTERFACE)]
    samples = [block for block in blocks if block.kind == PACKET]
    parts = [section]
    for block in interfaces * 2:
        parts.append(block_copy(block))
        name_change(chance, parts[-1])
    for _ in range(chance.randint(1, 5)):
        parts.append(block_copy(chance.choice(samples)))
        for change in chance.choices(HARMLESS, k=chance.randint(1, 3)):
            change(chance, parts[-1])
    if chance.random() < 0.3:
        parts += sightings_make(chance, chance.choice(samples))
    parts += [block_copy(block) for block in blocks if block.kind == STATISTICS]
    if harmful:
        for block in chance.choices(parts[1:], k=chance.randint(0, 2)):
            chance.choice(HARMFUL)(chance, block)
    data = b"".join(block.data for block in parts)
    return data[:chance.randrange(len(data))] if harmful and chance.random() < 0.1 else data


def complaint(returncode, stdout, stderr):
    """Why this run failed, or None."""
    if returncode < 0:
        return f"ended by signal {-returncode}"
    for text, words in ((stderr, ("Sanitizer", "runtime error")), (stdout, ("Dissector bug",))):
        for word in words:
            if word in text:
                return text[max(0, text.index(word) - 100):][:6000]
    return None


def keep(path):
    """Keeps the file after the test."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="xdpshark-hostile-"))
    return shutil.copy(path, folder)


def tshark_read(number, blocks):
    """Reads one file of many sections. Returns the number of packets with XDP, and of all packets."""
    chance = random.Random(f"{SEED}-tshark-{number}")
    data = b"".join(section_make(chance, blocks, harmful=False) for _ in range(TSHARK_SECTIONS))
    path = wireshark.write(f"tshark-{number}.pcapng", data)
    arguments = ("-2",) if number % 2 else ()
    result = wireshark.run("tshark", *arguments, "-r", path, "-V", "-O", "xdp", "-o",
                           'gui.column.format:"XDP","%Cus:xdp.hook:0:R"', "-Y", "frame && !(xdp.action == 77 || xdp.change.offset == 7777)",
                           check=False)
    why = complaint(result.returncode, result.stdout, result.stderr)
    if why:
        raise AssertionError(f"{keep(path)}: {why}")
    path.unlink()
    lines = result.stdout.splitlines()
    return [sum(line.startswith(start) for line in lines) for start in ("XDP", "Frame ", "    [Changes")]


def requests_make(paths):
    """Requests to sharkd: load and filter each file, and dissect some of its packets in full."""
    requests = []
    for path in paths:
        requests += [("load", {"file": str(path)}),
                     ("frames", {"filter": "xdp.action || xdp.hook contains \"x\"", "column0": "xdp.program:1"})]
        requests += [("frames", {"filter": "xdp.changed || xdp.entry_frame || xdp.exit_frame || xdp.latency > 5"})]
        requests += [("frame", {"frame": frame, "proto": True}) for frame in (1, 2, 3)]
    return requests + [("status", {})]


def sharkd_read(number, blocks):
    """Reads many small files in one process. Returns the number of packets with XDP."""
    chance = random.Random(f"{SEED}-sharkd-{number}")
    paths = [wireshark.write(f"sharkd-{number}-{index}.pcapng", section_make(chance, blocks, harmful=True))
             for index in range(SHARKD_FILES)]
    requests = requests_make(paths)
    text = "".join(json.dumps({"jsonrpc": "2.0", "id": index, "method": method, "params": params}) + "\n"
                   for index, (method, params) in enumerate(requests, 1))
    with wireshark.start("sharkd", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE) as process:
        try:
            stdout, stderr = process.communicate(text, TIME_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    # Not every request for a missing packet is answered, but the last one is.
    why = complaint(process.returncode, stdout, stderr)
    if not why and f'"id":{len(requests)},"result"' not in stdout:
        why = f"it did not get to the end, exit status {process.returncode}: {stderr[-2000:]}"
    if why:
        last = [line.partition("load: filename=")[2] for line in stderr.splitlines() if "load: filename=" in line][-1]
        raise AssertionError(f"{keep(last)}: {why}")
    for path in paths:
        path.unlink()
    return sum('"l":"XDP' in line for line in stdout.splitlines())


def main():
    print(f"seed {SEED}, {ROUNDS} rounds", flush=True)
    sample = subprocess.run([sys.argv[2], "plain"], check=True, stdout=subprocess.PIPE).stdout
    blocks = blocks_read(sample)
    # Otherwise the changes would not be made to what we write.
    assert b"".join(block.data for block in blocks) == sample
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        sharkd = [pool.submit(sharkd_read, number, blocks) for number in range(SHARKD_RUNS * ROUNDS)]
        tshark = [pool.submit(tshark_read, number, blocks) for number in range(TSHARK_FILES * ROUNDS)]
        xdp, packets, changes = map(sum, zip(*[run.result() for run in tshark]))
        found = sum(run.result() for run in sharkd)
    print(f"{len(tshark) * TSHARK_SECTIONS} changed files in tshark: XDP in {xdp} of {packets} packets, "
          f"changes in {changes}; "
          f"{len(sharkd) * SHARKD_FILES} broken ones in sharkd: in {found}")
    # Otherwise few packets got to the plugin.
    assert packets >= len(tshark) * TSHARK_SECTIONS
    assert xdp > packets / 4
    assert changes > len(tshark) * TSHARK_SECTIONS / 50
    assert found > len(sharkd) * SHARKD_FILES / 4


if __name__ == "__main__":
    if not os.path.isabs(os.environ.get("XDPSHARK_ASAN_RUNTIME", "")):
        print("SKIP: the compiler has no libasan.so to load into tshark (needs gcc)")
        sys.exit(SKIP)
    wireshark = Wireshark(sys.argv[1])
    # Separate allocations, so that ASan sees their bounds.
    wireshark.environment["WIRESHARK_DEBUG_WMEM_OVERRIDE"] = "simple"
    try:
        main()
    finally:
        wireshark.close()
