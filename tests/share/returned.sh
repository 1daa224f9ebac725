#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture's program that was lost is put back where possible: after the slot was emptied, after a neighbour
# died or left at the wrong moment, or after a foreign program came or went that it may precede. Slots that are
# not shared are left alone.
set -eu
. "$(dirname "$0")/client.sh"
example_create
bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/foreign

put_foreign()
{
	bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
}

empty()
{
	bpftool map delete pinned "$hook" key 1 0 0 0
}

# received NAME
received()
{
	ask "$1" counts 0
	echo "${answer%% *}"
}

# gets_packets NAME: it gets the next packet.
gets_packets()
{
	local before
	before=$(received "$1")
	world_send 1001 1
	[ "$(received "$1")" = $((before + 1)) ]
}

# returns NAME WHAT
returns()
{
	wait_for 20 gets_packets "$1" || fail "$2: it gets no packets any more"
}

for share in "" share; do
	client_start capture
	# shellcheck disable=SC2086
	ask capture open "$hook" $drop $share
	ask capture attach 0
	returns capture "at the start"
	echo "-- its slot is emptied${share:+, and it shares}"
	empty
	returns capture "the slot was emptied"
	put_foreign
	if [ -n "$share" ]; then
		echo "-- a foreign program comes, before which it may go"
		returns capture "a foreign program came"
	else
		echo "-- a foreign program comes, and stays as long as it likes"
		before=$(received capture)
		for ((i = 0; i < 3; i++)); do
			# Without calls for a second, it looks at its slot by itself.
			read -r -t 1.2 <> <(:) || true
			world_send 1001 1
		done
		check_equal "packets behind a foreign program" "$before" "$(received capture)"
		check_equal "program in the slot" foreign "$(bpftool -j prog show id "$(program_in 1)" | grep -o 'pass' | head -n 1 | sed 's/pass/foreign/')"
	fi
	echo "-- ... and takes away what is in the slot, as xdpcap does"
	empty
	returns capture "the foreign program has gone"
	client_end capture
	wait_for 20 is_not_capturing "$hook" || fail "slots are taken"
done

echo "-- one before it dies, and what cleans up after that goes before it is seen"
client_start dying
ask dying open "$hook" $drop
ask dying attach 0
client_start behind
ask behind open "$hook" $drop
ask behind attach 0
front=$(program_in 1)
for map in $(bpftool -j prog show id "$front" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
	bpftool map show id "$map" | grep -q xdpshark_next && next=$map
done
# Stopped, it does not look itself.
ask behind pid
behind=$answer
kill -s STOP "$behind"
bpftool map delete id "$next" key 1 0 0 0
ask dying kill
xdpshark capture "$hook" -w "$file" -a drop --duration 0.05
check_equal "slots" "" "$(slots_taken "$hook")"
kill -s CONT "$behind"
returns behind "its neighbour has died, and another one has gone"
client_end behind
client_end dying
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"
