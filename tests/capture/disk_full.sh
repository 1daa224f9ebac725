#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A full disk ends a capture with one line, with the slots empty and a file that is whole up to its last packet.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
disk=$HOME/disk
mkdir "$disk"
mount -t tmpfs -o size=1m tmpfs "$disk"
trap 'world_remove; umount -l "$disk"' EXIT

# check_end FILE NAME: how the capture that filled the disk with FILE, which it calls NAME, has ended.
check_end()
{
	wait_for 20 process_has_ended "$capture" || fail "the capture goes on with a full disk"
	status=0
	wait "$capture" || status=$?
	traffic_end
	check_equal "status" 1 $status
	check_equal "lines" 1 "$(grep -c -v '^{' "$HOME/errors")"
	check_equal "what is said" "xdpshark: cannot write to $2: No space left on device: free space on that file system, or capture to another one" \
		"$(grep -v '^{' "$HOME/errors")"
	check_equal "slots" "" "$(slots_taken "$hook")"
	capinfos "$1" >/dev/null || fail "capinfos finds $1 damaged"
	tcpdump -n -r "$1" 2>"$HOME/reader" >"$HOME/read" || fail "tcpdump finds $1 damaged: $(cat "$HOME/reader")"
	grep '^{' "$HOME/errors" | tail -n 1 | python3 -c '
import json, sys
packets, delivered = map(int, sys.argv[1:])
last = json.load(sys.stdin)
captured = sum(action["captured"] for action in last["actions"].values())
assert last["final"] and last["received"] >= last["matched"] == captured + last["lost"], last
assert captured >= last["written"] == packets == delivered > 500, (packets, delivered, last)' \
		"$(packets "$1")" "$(wc -l <"$HOME/read")"
}

for size in 18 200 1400; do
	# Frames of several sizes: the disk is full in the middle of one.
	traffic_start --size $size --burst 16 --pause 0.0005 1001 1002 1003
	capture_launch "$hook" --json -w "$disk/full" 'not port 1003'
	check_end "$disk/full" "$disk/full"
	[ "$(stat -c %s "$disk/full")" -gt 1000000 ] || fail "the disk was not full"
	[ $size = 1400 ] || rm "$disk/full"
done
# Standard output, after what somebody else wrote there, on a disk that is full except for some pages.
truncate -s 400000 "$disk/full"
cp "$disk/full" "$HOME/before"
traffic_start --burst 16 --pause 0.0005 1001 1002
xdpshark capture "$hook" --json >>"$disk/full" 2>"$HOME/errors" &
capture=$!
wait_for 20 process_has_ended "$capture" || fail "the capture goes on with a full disk"
cmp -n 400000 "$HOME/before" "$disk/full"
tail -c +400001 "$disk/full" >"$HOME/appended"
check_end "$HOME/appended" "standard output"

# A larger disk, on which space was reserved as long as there was enough: it is used to the end.
mount -t tmpfs -o size=24m tmpfs "$disk"
traffic_start --size 1400 --burst 32 1001 1002
capture_launch "$hook" --json -w "$disk/full"
check_end "$disk/full" "$disk/full"
[ "$(stat -c %s "$disk/full")" -gt 25000000 ] || fail "the disk was not full"
umount "$disk"

# With room again, the next capture works.
rm "$disk/full"
capture_start -w "$disk/next"
send --count 10 1001 >/dev/null
capture_end
check_equal "packets of the next capture" 10 "$(packets "$disk/next")"
