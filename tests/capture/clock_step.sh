#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The clock is set forth and back during a capture: each packet has the time that the clock showed when it came,
# except for the moment that it takes to wake the capture. Half of the steps must be exact to 1 ms; the rest may
# be as late as they like, as this may be an emulated machine on a busy one. Sets the clock, and so only runs in
# the machines of tests/vm.
set -eu
. "$(dirname "$0")/steps.sh"
[ -d /run/job ] || { echo "SKIP: sets the clock, which is for the machines of tests/vm only"; exit 77; }
example_create

# Sets the clock 100 s forth and back, 20 times. Prints for each step the monotonic time before and after, and what the
# clock showed before and then.
set_clock()
{
	python3 -c '
import time
for step in range(20):
    before, start = time.time_ns(), time.monotonic_ns()
    first = before + (100 if step % 2 == 0 else -100) * 10**9
    time.clock_settime_ns(time.CLOCK_REALTIME, first)
    print(start, time.monotonic_ns(), before, first)
    time.sleep(0.2)'
}

# check_steps PAUSE: seconds between the packets.
check_steps()
{
	local seen
	capture_start -w "$file" udp port 1001
	launch "$client" "$HOME/sent" "$tests/capture/send.py" --pause "$1" 1001
	traffic=$launched
	wait_for 60 file_has_packet || fail "no traffic"
	set_clock >"$HOME/steps"
	seen=$(server_received)
	wait_for 60 server_has_received $((seen + 10))
	traffic_end
	capture_end
	blocks "$file" EPB time | python3 -c '
import statistics
import sys

with open(sys.argv[1], encoding="ascii") as file:
    steps = [tuple(map(int, line.split())) for line in file]
times = [int(line) for line in sys.stdin]
late = []
for start, end, before, first in steps:
    middle = (before + first) // 2
    last = 0
    # Those with the time of the old clock.
    while (times[0] > middle) != (first > middle):
        last = times.pop(0)
    assert first - times[0] < 0, f"a packet {first - times[0]} ns before the step has the new time"
    late.append((last - before - (end - start)) / 1e6)
print(f"pause {sys.argv[2]} s: the last packet with the old time came {statistics.median(late):.3f} ms after the step "
      f"(the median of {len(late)}), at most {max(late):.3f}")
sys.exit(statistics.median(late) > 1 or max(late) > 100)' "$HOME/steps" "$1" ||
		fail "packets with a time that the clock did not show"
}

file_has_packet()
{
	[ -s "$file" ] && [ "$(packets)" -gt 0 ]
}

# The reader sleeps when the clock is set, and a packet comes 5 ms later: its time is only right if the step
# wakes the reader.
check_sleeping()
{
	capture_start -w "$file" udp port 1001
	on "$client" python3 -c '
import socket
import time

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for step in range(20):
        time.sleep(0.06)
        time.clock_settime_ns(time.CLOCK_REALTIME, time.time_ns() + (100 if step % 2 == 0 else -100) * 10**9)
        time.sleep(0.005)
        print(time.time_ns())
        sender.sendto(b"x", ("10.9.0.2", 1001))' >"$HOME/steps"
	capture_end
	blocks "$file" EPB time | python3 -c '
import sys

with open(sys.argv[1], encoding="ascii") as file:
    sent = [int(line) for line in file]
times = [int(line) for line in sys.stdin]
assert len(times) == len(sent), (len(times), len(sent))
wrong = sum(abs(time - right) > 50 * 10**9 for time, right in zip(times, sent))
print(f"asleep: {wrong} of {len(times)} packets have the old time")
sys.exit(wrong > len(times) // 2)' "$HOME/steps" || fail "packets with a time that the clock did not show"
}

check_steps 0.0002
check_sleeping
