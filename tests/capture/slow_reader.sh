#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader that is slow, and then stands still: the program does the same as before, each lost packet is
# counted, and the capture ends when asked to, with the pipe full and nobody reading.
set -eu
. "$(dirname "$0")/witnesses.sh"
example_create
fifo_create
count=10000

# More than the pipe, the batch and all rings hold.
send_many()
{
	# shellcheck disable=SC2086
	send --count $count --size 1000 --cpu 0 $ports >/dev/null
}

# Some 400 KB a second, a tenth of what comes.
cat >"$HOME/read_slowly.py" <<'READER'
import sys, time
with open(sys.argv[1], "rb", buffering=0) as fifo, open(sys.argv[2], "wb", buffering=0) as file:
    while data := fifo.read(4096):
        file.write(data)
        time.sleep(0.01)
READER

last_line()
{
	grep '^{' "$HOME/errors" | tail -n 1
}

lost()
{
	last_line | sed 's/.*"lost":\([0-9]*\).*/\1/'
}

has_lost()
{
	local lost
	lost=$(lost)
	[ "${lost:-0}" -gt "$1" ]
}

capture_launch "$hook" --json -w "$fifo" -B 1 'not port 1002'
python3 "$HOME/read_slowly.py" "$fifo" "$file" &
reader=$!
capture_wait
witnesses_start
send_many
witnesses_end $count "with a slow reader"
wait_for 20 has_lost 1000 || fail "only $(lost) lost: the test tests nothing"
lost_slowly=$(lost)

kill -s STOP $reader
witnesses_start
send_many
witnesses_end $count "with a reader that stands still"
wait_for 20 has_lost $((lost_slowly + 1000)) || fail "none lost while nobody reads: the test tests nothing"
kill -s TERM "$capture"
wait_for 5 is_not_capturing || fail "slots stay taken while the reader stands still"
wait_for 30 process_has_ended "$capture" || fail "the capture does not end while nobody reads"
status=0
wait "$capture" || status=$?
check_equal "status" 1 $status
check_equal "what is said" "xdpshark: $fifo: its reader takes nothing more: the packets that were captured last are not written" "$(grep -v '^{' "$HOME/errors")"
kill -s CONT $reader
wait $reader

# What remains in the pipe ends in the middle of a packet.
last_line | python3 -c '
import json, struct, sys
sent = int(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    data = file.read()
at = packets = 0
while at + 8 <= len(data):
    kind, length = struct.unpack_from("=II", data, at)
    if at + length > len(data):
        break
    packets += kind == 6
    at += length
last = json.loads(sys.stdin.read())
actions = last["actions"].values()
rejected, captured, lost = (sum(a[name] for a in actions) for name in ("rejected", "captured", "lost_full"))
assert last["final"] and last["received"] == sent == rejected + captured + lost, last
assert rejected == sent // 5 and lost == last["lost"], last
assert last["written"] == packets <= captured, (packets, last)' $((2 * count)) "$file"
