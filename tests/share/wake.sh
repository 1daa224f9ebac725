#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader that asks to be woken all the time, not only before it sleeps, is woken by each CPU at most a
# thousand times a second: a wake-up costs far more than a packet.
set -eu
. "$(dirname "$0")/client.sh"
world_create
world_attach "$example"

/usr/bin/python3 -c '
import struct, sys
udp = struct.pack("!HHHH", 1, 1001, 26, 0) + bytes(18)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), bytes(4))
open(sys.argv[1], "wb").write(bytes(12) + b"\x08\x00" + ip + udp)' "$HOME/frame"

# run_program COUNT: packets one after the other, by the kernel itself.
run_program()
{
	taskset -c 0 bpftool prog run pinned /sys/fs/bpf/example data_in "$HOME/frame" repeat $1
}

client_start scribbling
ask scribbling open "$hook" $drop
ask scribbling attach 0
run_program 1 | grep -q "Return value: 1," || fail "the program does not drop: $(run_program 1)"
tell scribbling wake 0 3000
# What passes, not what it has of the CPU: whenever it gets that again, a millisecond has passed.
TIMEFORMAT='%R'
used=$( { time run_program 10000000 >/dev/null; } 2>&1)
used=$(awk '{ print int($1 * 1000) }' <<<"$used")
hear scribbling
read -r _ woken _ <<<"$answer"
ask scribbling counts 0
echo "$woken wake-ups in $used ms; received, captured, lost: $answer"
[ "$woken" -gt 0 ] || fail "it is not woken any more"
[ "$woken" -le $((used + 100)) ] || fail "$woken wake-ups in $used ms"
client_end scribbling
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"
