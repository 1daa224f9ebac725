#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture costs nothing while nothing comes, and far fewer than one wake-up per packet while much comes.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
capture_start -w /dev/null

# How often the capture has gone to sleep.
sleeps()
{
	awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }' /proc/"$capture"/task/*/status
}

has_slept()
{
	[ "$(sleeps)" -ge "$1" ]
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

# Ten times a second at most, and a fifth more as the clock is coarse. It is at rest after 20 looks.
before=$(sleeps)
wait_for 20 has_slept $((before + 25)) || fail "the capture does not look any more"
# From before the first count until after the last, or a slow machine would show too many.
start=$(now_ms)
before=$(sleeps)
wait_for 20 has_slept $((before + 30)) || fail "the capture does not look any more"
count=$(($(sleeps) - before))
elapsed=$(($(now_ms) - start))
echo "idle: $count wake-ups in $elapsed ms"
[ $((count * 1000)) -le $((elapsed * 12)) ] || fail "idle, it wakes $count times in $elapsed ms"

# Small bursts: a wake-up for each would be many.
traffic_start --burst 4 1001
before=$(sleeps)
packets=$(server_received)
wait_for 60 server_has_received $((packets + 200000))
packets=$(($(server_received) - packets))
count=$(($(sleeps) - before))
echo "busy: $count wake-ups for $packets packets"
[ $((count * 50)) -lt "$packets" ] || fail "busy, it wakes $count times for $packets packets"
traffic_end
capture_end
