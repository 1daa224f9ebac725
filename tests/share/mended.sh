#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture that was cut off from the chain, as may happen when the one before it dies, comes back by itself.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create

capture_launch "$hook" -w "$HOME/first" -a drop
capture_wait 1
first=$capture
xdpshark capture "$hook" -v -w "$file" -a drop --count 1 2>"$HOME/second.log" &
second=$!
wait_for 20 grep -q 'capturing on' "$HOME/second.log"

program=$(program_in 1)
for map in $(bpftool -j prog show id "$program" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
	bpftool map show id "$map" | grep -q xdpshark_next || continue
	bpftool map delete id "$map" key 1 0 0 0
	cut=$map
done
[ -n "${cut:-}" ] || fail "the first capture has no map of what comes after it"

second_has_seen()
{
	world_send 1001 1
	process_has_ended "$second"
}
wait_for 20 second_has_seen || fail "the second capture stays cut off"
wait "$second" || fail "$(cat "$HOME/second.log")"
kill "$first"
wait "$first"
check_equal "slots" "" "$(slots_taken "$hook")"
