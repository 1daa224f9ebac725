#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --duration ends a capture at the given time, in a moment or in years.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

second_is_reported()
{
	kill -0 "$capture" 2>/dev/null || fail "the capture has ended: $(cat "$HOME/errors")"
	[ "$(grep -c '^{"final":false' "$HOME/errors")" -ge 1 ]
}

# Around the limits of 32 bits of milliseconds, signed and unsigned, and the largest.
for duration in 2147484 4294967.2 4294967.296 4294968 8589935 1e9; do
	capture_start --json -w "$file" --duration $duration
	wait_for 20 second_is_reported || fail "no second is over with --duration $duration"
	kill "$capture"
	wait_for 60 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || fail "the capture with --duration $duration: $(cat "$HOME/errors")"
done

for duration in 0.0001 0.3 1; do
	before=$(date +%s%N)
	capture_launch "$hook" -w "$file" --duration $duration
	capture_join
	took=$((($(date +%s%N) - before) / 1000000))
	[ $took -ge "$(printf '%.0f' "${duration}e3")" ] || fail "--duration $duration ended after $took ms"
	check_sums
done
