#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture in a time namespace, whose clocks are ahead or behind: no packet is lost, and the times of packets and of the
# capture's start and end are the wall clock's.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
unshare --time --monotonic 1000 true 2>/dev/null || { echo "SKIP: no time namespaces here"; exit 77; }
example_create

now()
{
	date +%s%N
}

for shift in 1000000 -100 0; do
	before=$(now)
		: >"$HOME/errors"
	unshare --time --fork --kill-child --monotonic $shift --boottime $shift \
		xdpshark capture "$hook" -v -w "$file" --count 12 udp 2>"$HOME/errors" &
	capture=$!
	wait_for 20 grep -q '^capturing on' "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
	send --count 12 1001 >/dev/null
	wait_for 20 process_has_ended "$capture" || fail "the capture does not end: $(cat "$HOME/errors")"
	wait "$capture" || fail "$(cat "$HOME/errors")"
	grep -q 'lost 0,' "$HOME/errors" || fail "$shift s: $(tail -n 1 "$HOME/errors")"
	blocks "$file" EPB time >"$HOME/times"
	blocks "$file" ISB time start end >>"$HOME/times"
	check_equal "lines of times" 13 "$(wc -l <"$HOME/times")"
	python3 - "$before" "$(now)" "$HOME/times" <<'PYTHON' || fail "$shift s: times are not between $before and now: $(cat "$HOME/times")"
import sys
first, last = map(int, sys.argv[1:3])
with open(sys.argv[3], encoding="ascii") as file:
    times = [int(word) for line in file for word in line.split()]
# The offset of the namespace is measured, exact to a few microseconds.
sys.exit(not all(first - 1000000 <= time <= last + 1000000 for time in times))
PYTHON
done
