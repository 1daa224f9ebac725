#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CPUs that come online during a capture, with gaps in their numbers, more of them than rings, or more than the
# kernel says are possible: each packet of each CPU is captured, or counted as lost.
set -eu
. "$(dirname "$0")/steps.sh"
[ "$(nproc --all)" -ge 2 ] || { echo "SKIP: needs two CPUs"; exit 77; }
example_create
count=100

# machine POSSIBLE ONLINE: sets what the kernel says.
machine()
{
	local name
	umount /sys/devices/system/cpu/possible /sys/devices/system/cpu/online 2>/dev/null || true
	printf '%s\n' "$1" >"$HOME/possible"
	printf '%s\n' "$2" >"$HOME/online"
	for name in possible online; do
		mount --bind "$HOME/$name" "/sys/devices/system/cpu/$name"
	done
}

# check_capture NAME FIRST SECOND: the outcome of the packets of CPUs 0 and 1, in this order: "captured" or
# "lost_no_ring".
check_capture()
{
	local expected=$count before
	capture_launch "$hook" --json -w "$file" 'udp port 1001'
	capture_wait
	before=$(server_received)
	send --cpu 0 --count $count 1001 >/dev/null
	# Until then the other CPU's would be taken by this one, too.
	wait_for 20 server_has_received $((before + count)) || fail "$1: packets do not arrive"
	send --cpu 1 --count $count 1001 >/dev/null
	send --cpu 1 --count $count 1002 >/dev/null
	wait_for 20 server_has_received $((before + 3 * count)) || fail "$1: packets do not arrive"
	kill -s TERM "$capture"
	wait "$capture" || fail "$1: the capture failed: $(cat "$HOME/errors")"
	[ "$2" = "$3" ] && expected=$((2 * count))
	tail -n 1 "$HOME/errors" | python3 -c '
import json, sys
name, first, second, count, packets = sys.argv[1:4] + [int(word) for word in sys.argv[4:]]
last = json.load(sys.stdin)
seen = {key: sum(a[key] for a in last["actions"].values()) for key in ("captured", "lost_no_ring", "rejected")}
wanted = {"captured": 0, "lost_no_ring": 0, "rejected": count}
wanted[first] += count
wanted[second] += count
assert seen == wanted, f"{name}: {seen} in the place of {wanted}"
assert last["received"] == 3 * count and last["written"] == packets == wanted["captured"], f"{name}: {last}"' \
		"$1" "$2" "$3" $count "$(packets)"
	check_sums
}

check_capture "as it is" captured captured
machine 0-1 0
check_capture "one comes online" captured captured
machine 0,2 0
check_capture "in a gap" captured captured
machine 1 1
check_capture "more than rings" captured lost_no_ring
machine 0 0
check_capture "more than possible" captured lost_no_ring
machine 0-1 ''
check_capture "no telling which are online" captured captured

machine 'any' 0
check_refusal 1 "xdpshark: cannot read which CPUs this machine has: /sys/devices/system/cpu/possible holds no list of them below 65536" \
	xdpshark capture "$hook" -w /dev/null
