#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# replaced.sh FIREWALL BARE: a program that is replaced under traffic is followed: packets are missing around that at
# most, none is there twice, and none without its other half. BARE is the same program without BTF, which is followed too
# where the kernel allows it. So is one on a device that is made anew.
set -eu
. "$(dirname "$0")/trace.sh"
firewall_create "$@"

# followed WHICH COUNT: a line for each replacement, or why not.
followed()
{
	grep -q 'cannot go on with' "$HOME/$1.log" || [ "$(grep -c 'now used by' "$HOME/$1.log")" -ge "$2" ]
}

# replace NAME...: by these programs, one after the other, under traffic.
replace()
{
	local name number=0 gaps
	attach one
	trace_start replaced udp port 1002
	traffic_start --cpu 0 --pause 0.002 1002
	for name in "$@"; do
		attach "$name"
		number=$((number + 1))
		wait_for 60 followed replaced $number || fail "not followed: $(cat "$HOME/replaced.log")"
	done
	traffic_end
	trace_end replaced
	sightings replaced >"$HOME/sightings"
	check_equal "sightings that are there twice" "" "$(sort "$HOME/sightings" | uniq -d)"
	check_equal "sightings without the other one" "" "$(cut -d ' ' -f 1,2 "$HOME/sightings" | sort | uniq -u)"
	gaps=$(cut -d ' ' -f 1 "$HOME/sightings" | sort -nu | awk 'NR > 1 && $1 > last + 1 { gaps++ } { last = $1 } END { print gaps + 0 }')
	[ "$gaps" -le $# ] || fail "packets are missing at $gaps places: $(cut -d ' ' -f 1 "$HOME/sightings" | sort -nu | head -n 50 | paste -sd ' ')"
	grep -q 'cannot go on with' "$HOME/replaced.log" ||
		check_equal "the last packet" $(($(cat "$HOME/sent") - 1)) "$(tail -n 1 "$HOME/sightings" | cut -d ' ' -f 1)"
	check_left "$before" "a capture"
}

before=$(objects)
what="a program without a hook that is replaced under traffic is followed"
replace two one
! grep 'cannot go on' "$HOME/replaced.log" || fail "not followed"
part "$what"
replace bare one
refusal=$(grep 'cannot go on with: it was loaded without BTF, and' "$HOME/replaced.log" | head -n 1 | dispatcher_refusal)
if [ -z "$refusal" ]; then
	! grep 'cannot go on' "$HOME/replaced.log" || fail "not followed"
	part "$what, by one without BTF"
else
	no_part "$what, by one without BTF" "$refusal"
fi

# renew NAME: the device is made anew, and gets that program, which may be the same as before.
renew()
{
	rm -f "$HOME/renewed.log"
	attach "$1"
	trace_launch renewed 'ether proto 0x88b5' || return 0
	ip -n "$server" link del server0
	wait_for 30 grep -q 'none is there any more' "$HOME/renewed.log" || fail "nothing is said: $(cat "$HOME/renewed.log")"
	ip link add client0 netns "$client" type veth peer name server0 netns "$server"
	ip -n "$client" link set client0 up
	ip -n "$server" link set server0 up
	attach "$1"
	wait_for 60 grep -q 'packets come again' "$HOME/renewed.log" || fail "not followed: $(cat "$HOME/renewed.log")"
	on "$client" "$tests/trace/send_kinds.py" client0 0
	trace_end renewed
	check_equal "packets of the new device" "entry exit" \
		"$(blocks "$HOME/renewed.pcapng" EPB comment | sed -n 's/^xdp at=\([a-z]*\).*/\1/p' | paste -sd ' ')"
}
renew one
renew bare
part "$what, on a device that is made anew"
