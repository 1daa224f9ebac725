#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client that stands still in the middle of a message, or keeps xdpshark-hookd busy, does not keep slots or
# memory from others for long.
set -eu
. "$(dirname "$0")/steps.sh"
machine_create
machine_example_create
$permit -a "" -g $group

for way in send_half read_nothing; do
	echo "-- $way"
	attack stalled.py member $way
	check_equal "slots" "" "$(slots_taken "$hook")"
done

# The third capture holds the arrays of those before it; that of the first keeps the program of the second.
echo "-- ask_always"
attack_hold stalled.py member2 hold
attack_hold stalled.py member3 hold
attack_hold stalled.py member ask_always
map=$(cat "$HOME/member3")
bpftool map show id "$map" >/dev/null || fail "the second capture has no rings"
attack_end member2
attack_end member3

is_gone()
{
	! bpftool map show id "$map" >/dev/null 2>&1
}
wait_for 20 is_gone || fail "the third capture keeps the second one's rings"
attack_end member
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"
