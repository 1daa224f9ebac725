#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compressed files as Wireshark's programs read them: the same as what is in them, to the end of what is whole.

usage: compressed_readback.py END PACK PCAPNG_SAMPLE
END is that of a name, gz or zst; PACK and PCAPNG_SAMPLE may be several words together, emulators before them.
Exit status: 0 as expected, 1 different, 77 skipped: not built in, or tshark is not installed.
"""
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

LIMIT = 60
end, words = sys.argv[1], sys.argv[2:]
half = len(words) // 2
pack, sample = words[:half], words[half:]


def run(*command, data=None, status=0):
    done = subprocess.run(command, input=data, capture_output=True, timeout=LIMIT, check=False)
    if done.returncode == 77:
        print(f"SKIP: {done.stderr.decode().strip()}")
        sys.exit(77)
    assert status is None or done.returncode == status, f"{command}: {done.returncode}, {done.stderr.decode()}"
    return done.stdout


def packet(number):
    data = struct.pack(">6s6sH", bytes(6), bytes(6), 0x88b5) + b"%08d" % number + bytes(range(200))
    block = struct.pack("<IIIII", 0, 0, number, len(data), len(data)) + data + bytes(-len(data) % 4)
    return struct.pack("<II", 6, len(block) + 12) + block + struct.pack("<I", len(block) + 12)


if not shutil.which("tshark"):
    print("SKIP: tshark is not installed")
    sys.exit(77)
fields = ["-T", "fields", "-e", "frame.number", "-e", "frame.time_epoch", "-e", "frame.comment", "-e", "eth.src",
          "-e", "data.data"]
with tempfile.TemporaryDirectory() as folder:
    plain, packed = pathlib.Path(folder, "plain.pcapng"), pathlib.Path(folder, f"packed.pcapng.{end}")
    # The sample, in pieces that end anywhere.
    plain.write_bytes(run(*sample, "plain"))
    for piece in ("1", "100", "1000000"):
        packed.write_bytes(run(*pack, packed.name, piece, data=plain.read_bytes()))
        assert run("tshark", "-r", packed, *fields) == run("tshark", "-r", plain, *fields), f"pieces of {piece}"
        assert b"Number of packets:   5" in run("capinfos", packed)
    # A large one, read from the beginning, and then back and forth.
    count = 12000
    head = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28) + struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    plain.write_bytes(head + b"".join(packet(number) for number in range(count)))
    packed.write_bytes(run(*pack, packed.name, "131072", data=plain.read_bytes()))
    expected = run("tshark", "-r", plain, *fields)
    assert expected.count(b"\n") == count
    assert run("tshark", "-2", "-r", packed, *fields) == expected, "a large file"
    assert packed.stat().st_size < plain.stat().st_size / 3, "it is not smaller"
    # Cut within a piece: all before that is there.
    whole = packed.read_bytes()
    packed.write_bytes(run(*pack, packed.name, "131072", data=plain.read_bytes()[:131072 * 10]))
    kept = packed.stat().st_size
    packed.write_bytes(whole[:kept + 40])
    lines = run("tshark", "-r", packed, *fields, status=None)
    assert expected.startswith(lines), "other packets in what was cut"
    assert lines.count(b"\n") >= 131072 * 10 // len(packet(0)) - 2, f"only {lines.count(10)} packets of a file that was cut"
    # It is what other programs take for such a file, too.
    unpack = {"gz": "gzip", "zst": "zstd"}[end]
    if shutil.which(unpack):
        assert run(unpack, "-dc", data=whole) == plain.read_bytes(), unpack
