#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What we write, as programs and libraries read it that people use for capture files.

usage: pcapng_readback.py READER PCAPNG_SAMPLE
READER is one of CHECKS.
PCAPNG_SAMPLE may be several words: an emulator before it.
Exit status: 0 as expected, 1 different, 77 skipped, since the reader is not installed.
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

LIMIT = 60  # seconds for each program that is run

DROP = "xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1"

# Field of tshark, and its value in each packet of "pcapng_sample plain".
PACKETS = [
    ("frame.comment", [DROP, "xdp action=PASS", DROP, "", ""]),
    ("frame.verdict.ebpf_xdp", ["1", "2", "1", "", ""]),
    ("frame.interface_queue", ["3", "0", "3", "", ""]),
    ("frame.packet_id", [str(1 << 48), "2", str((1 << 63) - 1), "3", "4"]),
    ("frame.drop_count", ["", "7", "5000000000", "", ""]),
    ("frame.interface_id", ["0", "1", "0", "0", "0"]),
    ("frame.interface_name", ["fw", "lb", "fw", "fw", "fw"]),
    ("frame.interface_description",
     ["/sys/fs/bpf/fw", "/bpf/lb", "/sys/fs/bpf/fw", "/sys/fs/bpf/fw", "/sys/fs/bpf/fw"]),
    ("frame.time_epoch",
     ["1700000000.123456789", "1700000000.123456790", "1700000002.123456789",
      "1700000002.123456790", "1700000002.123456791"]),
    ("frame.len", ["60", "61", "9000", "62", "63"]),
    ("frame.cap_len", ["60", "61", "2000", "62", "63"]),
    ("frame.packet_flags_direction", ["0x00000001"] * 5),
    ("eth.src", ["02:00:00:00:00:01"] * 5),
]

# The same file as tshark's view of its blocks.
OPTION = "pcapng.options.option.data."
BLOCKS = [
    ("pcapng.block.type",
     ["0x0a0d0d0a"] + ["0x00000001"] * 2 + ["0x00000006"] * 5 + ["0x00000005"] * 2),
    (OPTION + "hardware", ["test hardware"]),
    (OPTION + "os", ["Linux 6.1 test"]),
    (OPTION + "user_application", ["xdpshark 0.1 test"]),
    ("pcapng.interface_description.link_type", ["1", "1"]),
    ("pcapng.interface_description.snap_length", ["2000", "2000"]),
    (OPTION + "mac", ["02:aa:bb:cc:dd:ee"]),
    (OPTION + "interface.speed", ["10000000000"]),
    (OPTION + "interface.filter.type", ["0"]),
    (OPTION + "interface.filter.string", ["udp port 53"]),
    (OPTION + "interface.os", ["Linux 6.1 interface"]),
    (OPTION + "packet.verdict.type", ["2", "2", "2"]),
    (OPTION + "interface.received", ["1000", "1001"]),
    (OPTION + "interface.dropped", ["20", "21"]),
    (OPTION + "interface.accepted_by_filter", ["300", "301"]),
    (OPTION + "interface.delivered_to_user", ["280", "281"]),
]

# What tshark says about a file that is not as it should be.
COMPLAINTS = ["pcapng.invalid_option_length", "pcapng.block_lengths_dont_match",
              "pcapng.block_length_not_multiple_of4", "pcapng.no_interfaces",
              "pcapng.block_length_below_block_content_length", "_ws.malformed"]

# Lines of capinfos; a number before each tells how often.
CAPINFOS = [
    (1, "File type:           Wireshark/... - pcapng"),
    (1, "Number of packets:   5"),
    (1, "Capture hardware:    test hardware"),
    (1, "Capture oper-sys:    Linux 6.1 test"),
    (1, "Capture application: xdpshark 0.1 test"),
    (1, "Number of interfaces in file: 2"),
    (1, "Name = fw"),
    (1, "Description = /sys/fs/bpf/fw"),
    (1, "Speed = 10000000000"),
    (1, "Filter string = udp port 53"),
    (1, "Operating system = Linux 6.1 interface"),
    (1, "Comment = first of two"),
    (2, "Capture length = 2000"),
    (2, "Time precision = nanoseconds (9)"),
    (2, "Number of stat entries = 1"),
]

failures = 0


def expect(what, found, wanted):
    global failures
    if found != wanted:
        failures += 1
        print(f"not as expected: {what}\n  found  {found!r}\n  wanted {wanted!r}")


def run(command, data=None):
    """Standard output of command; a failure of it is one of ours."""
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=LIMIT, check=False)
    errors = done.stderr.decode(errors="replace")
    expect(f"exit status of {command} ({errors.strip()})", done.returncode, 0)
    return done.stdout


def lines(data):
    return data.decode().splitlines()


def fields_read(path, names, *options):
    """One list of fields for each frame, a field being the list of its values."""
    command = ["tshark", "-n", "-r", path, *options, "-T", "fields", "-E", "aggregator=\x01"]
    for name in names:
        command += ["-e", name]
    return [[field.split("\x01") if field else [] for field in line.split("\t")]
            for line in lines(run(command))]


def tshark_check(samples):
    names = [name for name, _ in PACKETS]
    frames = fields_read(samples["plain"], names)
    expect("number of frames", len(frames), 5)
    for index, (name, wanted) in enumerate(PACKETS):
        expect(name, ["".join(frame[index]) for frame in frames], wanted)

    as_file = ("-X", "read_format:MIME Files Format")
    blocks = fields_read(samples["plain"], [name for name, _ in BLOCKS], *as_file)
    expect("number of files", len(blocks), 1)
    for (name, wanted), found in zip(BLOCKS, blocks[0]):
        expect(name, found, wanted)

    times = [OPTION + "start_time", OPTION + "end_time"]
    for name, found in zip(times, fields_read(samples["plain"], times, *as_file)[0]):
        expect(f"how many {name}", len(found), 2)

    for kind in ("plain", "extreme"):
        found = fields_read(samples[kind], COMPLAINTS, *as_file)
        expect(f"complaints about {kind}", [field for field in found[0] if field], [])

    names = ["frame.len", "frame.cap_len", "frame.drop_count", "frame.interface_queue"]
    frames = [["".join(field) for field in frame]
              for frame in fields_read(samples["extreme"], names)]
    expect("frames of the extreme capture", len(frames), 3)
    expect("a frame of which nothing was captured", frames[0][:2], ["60", "0"])
    expect("a frame of the largest size", frames[1],
           ["65535", "65535", str((1 << 63) - 1), str((1 << 32) - 1)])
    expect("a frame that was cut", (frames[2][0], int(frames[2][1]) > 200000), ("400000", True))


def capinfos_check(samples):
    found = [line.strip() for line in lines(run(["capinfos", samples["plain"]]))]
    for count, wanted in CAPINFOS:
        expect(f"lines of capinfos that say {wanted!r}", found.count(wanted), count)
    found = lines(run(["capinfos", "-c", "-M", samples["extreme"]]))
    expect("packets of the extreme capture", "Number of packets:   3" in found, True)


def tcpdump_check(samples):
    # From standard input, as after "xdpshark capture -w - |".
    command = ["tcpdump", "-n", "-tt", "-e", "-q", "--time-stamp-precision=nano", "-r", "-"]
    with open(samples["plain"], "rb") as plain:
        found = [line for line in lines(run(command, plain.read())) if not line.startswith("\t")]
    expect("packets that tcpdump shows", len(found), 5)
    for index, line in enumerate(found):
        time = dict(PACKETS)["frame.time_epoch"][index]
        length = dict(PACKETS)["frame.len"][index]
        expect(f"line {line!r} has time and length",
               (line.startswith(time + " "), f"length {length}:" in line), (True, True))
    with open(samples["extreme"], "rb") as extreme:
        run(command, extreme.read())


def dumpcap_check(samples):
    """The stream passes unchanged; dumpcap 4.0 aborts if a limit of it is passed."""
    for kind, path in samples.items():
        with open(path, "rb") as sample:
            sent = sample.read()
        copy = path + ".dumpcap"
        run(["dumpcap", "-q", "-i", "-", "-w", copy], sent)
        with open(copy, "rb") as arrived:
            expect(f"{kind} arrives byte for byte", arrived.read() == sent, True)


def column(name):
    return dict(PACKETS)[name]


def expect_packets(reader, found):
    """found: time in seconds, wire length and captured length of each packet; None where the reader does not tell."""
    expect(f"packets that {reader} reads", len(found), 5)
    for index, (time, wire, captured) in enumerate(found):
        expect(f"{reader}'s time of packet {index}, to the microsecond",
               abs(time - float(column("frame.time_epoch")[index])) < 2e-6, True)
        for value, name in (wire, "frame.len"), (captured, "frame.cap_len"):
            expect(f"{reader}'s {name} of packet {index}", value,
                   None if value is None else int(column(name)[index]))


def scapy_check(samples):
    from scapy.utils import rdpcap
    expect_packets("scapy", [(float(packet.time), packet.wirelen, len(packet))
                             for packet in rdpcap(samples["plain"])])


def dpkt_check(samples):
    import dpkt
    with open(samples["plain"], "rb") as plain:
        expect_packets("dpkt", [(time, None, len(data)) for time, data in dpkt.pcapng.Reader(plain)])


def gopacket_check(samples):
    directory = os.path.dirname(samples["plain"])
    program = os.path.join(directory, "readers")
    source = pathlib.Path(__file__).with_name("readers.go")
    environment = os.environ | {"GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOFLAGS": "",
                                "GOCACHE": os.path.join(directory, "go"), "HOME": directory}
    subprocess.run(["go", "build", "-o", program, str(source)], env=environment, timeout=300, check=True)
    found = [line.split() for line in lines(run([program, samples["plain"]]))]
    expect_packets("gopacket", [(int(time) / 1e9, int(wire), int(captured))
                                for time, wire, captured, _ in found])
    expect("interfaces", [name for *_, name in found], column("frame.interface_name"))


def argus_check(samples):
    flows = run(["argus", "-X", "-r", samples["plain"], "-w", "-"])
    found = lines(run(["ra", "-n", "-r", "-", "-s", "pkts", "bytes", "-", "not", "man"], flows))
    expect("argus' packets and bytes", [line.split() for line in found if line.split()[0].isdigit()],
           [["5", str(sum(int(length) for length in column("frame.len")))]])


def nfpcapd_check(samples):
    directory = os.path.join(os.path.dirname(samples["plain"]), "flows")
    os.mkdir(directory)
    done = subprocess.run(["nfpcapd", "-r", samples["plain"], "-l", directory], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    # No IP is in it: read, and passed over.
    expect("nfpcapd's count", b"Processed: 5," in done.stdout, True)


def tcpreplay_check(samples):
    """By the program of the suite that needs no device."""
    copy = samples["plain"] + ".rewritten"
    run(["tcprewrite", "--infile=" + samples["plain"], "--outfile=" + copy])
    frames = fields_read(copy, ["frame.time_epoch", "frame.len", "frame.cap_len"])
    expect_packets("tcprewrite", [(float(time), int(wire), int(captured))
                                  for [time], [wire], [captured] in frames])


# What reads; what must be there: programs (of which the first is the reader's), or with a dot behind it a module of Python.
CHECKS = {
    "tshark": (tshark_check, ["tshark"]),
    "capinfos": (capinfos_check, ["capinfos"]),
    "tcpdump": (tcpdump_check, ["tcpdump"]),
    "dumpcap": (dumpcap_check, ["dumpcap"]),
    "scapy": (scapy_check, ["scapy."]),
    "dpkt": (dpkt_check, ["dpkt."]),
    "gopacket": (gopacket_check, ["go", "/usr/share/gocode/src/github.com/google/gopacket/pcapgo"]),
    "argus": (argus_check, ["argus", "ra"]),
    "nfpcapd": (nfpcapd_check, ["nfpcapd"]),
    "tcpreplay": (tcpreplay_check, ["tcprewrite", "tshark"]),
}


def is_there(name):
    if name.endswith("."):
        return importlib.util.find_spec(name[:-1]) is not None
    return os.path.exists(name) or shutil.which(name) is not None


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    reader, *program = sys.argv[1:]
    check, needed = CHECKS[reader]
    for name in needed:
        if not is_there(name):
            print(f"SKIP: {name.rstrip('.')} is not installed")
            return 77
    with tempfile.TemporaryDirectory(prefix="xdpshark-pcapng-") as directory:
        samples = {}
        for kind in ("plain", "extreme"):
            samples[kind] = os.path.join(directory, kind + ".pcapng")
            with open(samples[kind], "wb") as sample:
                sample.write(run([*program, kind]))
        check(samples)
    if failures == 0:
        print(f"{reader} reads everything as it was written")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
