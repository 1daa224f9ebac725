#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody sets the clock during a capture: each packet has the time that the clock showed when it came. Sets the
# clock, and so runs only in a machine that ends with the test (tests/vm).
set -eu
. "$(dirname "$0")/steps.sh"
[ -d /run/job ] || { echo "SKIP: sets the clock, which is for the machines of tests/vm only"; exit 77; }
world_create
world_attach "$example"

# Sets the clock 100 s forward. Prints the latest time that the old clock can have shown and the first of the new.
set_clock()
{
	python3 -c '
import time
before, start = time.time_ns(), time.monotonic_ns()
first = before + 100 * 10**9
time.clock_settime_ns(time.CLOCK_REALTIME, first)
print(before + time.monotonic_ns() - start, first)'
}

capture_start -w "$file" udp port 1001
traffic_start --pause 0.0002 1001
times=$(set_clock)
seen=$(server_received)
wait_for 60 server_has_received $((seen + 500))
traffic_end
capture_end
blocks "$file" EPB time | python3 -c '
import sys
last_old, first_new = map(int, sys.argv[1:])
times = [int(line) for line in sys.stdin]
old = [time for time in times if time < first_new]
late = (max(old) - last_old) / 1e6
print(f"{len(old)} packets before the step, {len(times) - len(old)} after; "
      f"the last with the old time {late:.3f} ms late")
# One that comes between the step and the next look at the clock cannot know better.
sys.exit(not old or len(times) - len(old) < 500 or late > 100)' $times || fail "packets with a time that the clock did not show"
