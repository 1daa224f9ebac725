#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of a capture whose processes are gone stop copying packets, but still return their actions. If
# the processes only stand still, copying goes on for seconds; if only the reader does, forever.
set -eu
. "$(dirname "$0")/client.sh"
example_create

# outcome NAME: of the action DROP, from the counters that a dead capture's program keeps.
outcome()
{
	local program map
	program=$(program_in 1)
	for map in $(bpftool -j prog show id "$program" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
		bpftool map show id "$map" | grep -q xdpshark_cpus || continue
		bpftool -j map dump id "$map" | /usr/bin/python3 -c '
import json, struct, sys
names = ["rejected", "sampled", "limited", "captured", "lost_full", "lost_unreadable", "lost_reader"]
total = 0
for element in json.load(sys.stdin):
    data = bytes(int(byte, 16) for byte in element["value"])
    total += struct.unpack_from("=Q", data, 64 + (1 * 8 + names.index(sys.argv[1])) * 8)[0]
print(total)' "$1"
	done
}

has_lost()
{
	world_send 1001 1
	[ "$(outcome lost_reader)" -gt 0 ]
}

# One that is opened long before it begins.
client_start early
ask early open "$hook" 4

capture_launch "$hook" -w "$file" udp
capture_wait
capture_hookd=$(pgrep -P "$capture" -x xdpshark-hookd)

# send_for SECONDS: a packet now and then.
send_for()
{
	local deadline=$((SECONDS + $1))
	until [ $SECONDS -ge $deadline ]; do
		world_send 1001 1
		read -r -t 0.2 <> <(:) || true
	done
}

# switches: how often xdpshark-hookd has waited for something.
switches()
{
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$capture_hookd/status"
}

has_run_since()
{
	[ "$(switches)" -ge $(($1 + 2)) ]
}

# Neither gets a CPU for some seconds; then only the reader stands still, in all for longer than the limit of 12
# s.
kill -s STOP "$capture" "$capture_hookd"
send_for 6
check_equal "lost while all stood still" 0 "$(outcome lost_reader)"
before=$(switches)
kill -s CONT "$capture_hookd"
# On a busy machine it takes a while to look at the counters, and to run.
wait_for 20 has_run_since "$before" || fail "xdpshark-hookd does not go on"
send_for 8
check_equal "lost for want of a reader" 0 "$(outcome lost_reader)"
ask early attach 0
world_send 1002 2
ask early counts 0
check_equal "received, captured and lost by one that begins late" "2 2 0" "$answer"
client_end early
kill -s CONT "$capture"

kill -s KILL "$capture_hookd" "$capture"
wait "$capture" 2>/dev/null || true
wait_for 40 has_lost || fail "the programs of a dead capture go on copying"
captured=$(outcome captured)
world_send 1001 5
check_equal "captured after death" "$captured" "$(outcome captured)"
