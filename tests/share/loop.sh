#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs in a slot that call each other in a loop, as somebody with privilege may link them: whoever comes
# next reports and breaks the loop. A foreign program behind captures stays where it is, whatever calls come
# over the socket.
set -eu
. "$(dirname "$0")/client.sh"
world_create
world_attach "$example"

# next_of PROGRAM: the id of its program array.
next_of()
{
	local map
	for map in $(bpftool -j prog show id "$1" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
		bpftool map show id "$map" | grep -q xdpshark_next || continue
		echo "$map"
	done
}

# after PROGRAM: the id of the program that comes after it in the slot DROP.
after()
{
	bpftool -j map lookup id "$(next_of "$1")" key 1 0 0 0 | python3 -c '
import json, sys
print(int.from_bytes(bytes(int(byte, 16) for byte in json.load(sys.stdin)["value"]), "little"))'
}

client_start first
client_start second
for name in first second; do
	ask $name open "$hook" $drop
	ask $name attach 0
done
front=$(program_in 1)
back=$(after "$front")
bpftool map update id "$(next_of "$back")" key 1 0 0 0 value id "$front"
world_send 1001 1

# Whoever looks first: the captures in the loop do so each second.
opened="slot DROP: its programs call each other in a loop (program $front comes twice)"
capture_launch "$hook" -v -w "$file" -a drop
wait_for 20 grep -q '^capturing on' "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
for name in first second; do
	ask $name look
	echo "$answer" >>"$HOME/looked"
done
grep -qF "$opened" "$HOME/errors" "$HOME/looked" || fail "nobody speaks of the loop: $(cat "$HOME/errors" "$HOME/looked")"
ask first counts 0
before=${answer%% *}
world_send 1001 5
ask first counts 0
check_equal "5 packets for the first one" $((before + 5)) "${answer%% *}"
kill "$capture"
wait "$capture" || fail "$(cat "$HOME/errors")"
check_equal "packets of the capture" 5 "$(packets)"
client_end first
client_end second
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"

# An operator's second stage: it stays in the slot, behind the captures, when sessions are attached again and again.
bpftool prog load "$example" /sys/fs/bpf/stage
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/stage
stage=$(program_in 1)
client_start sharing
ask sharing open "$hook" $drop share
ask sharing attach 0
for ((i = 0; i < 3; i++)); do
	tell sharing attach 0
	hear sharing
done
check_equal "the program behind the capture" "$stage" "$(after "$(program_in 1)")"
client_end sharing
slot_holds()
{
	[ "$(program_in 1)" = "$1" ]
}
wait_for 20 slot_holds "$stage" || fail "the foreign program is gone"
