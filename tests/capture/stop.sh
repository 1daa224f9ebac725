#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever ends a capture under traffic, the slots are empty afterwards and the file is whole, statistics included.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
traffic_start --burst 20 --pause 0.0005 1000 1001 1002 1003 1004

has_packets()
{
	[ "$(stat -c %s "$file")" -gt 10000 ]
}

for signal in INT TERM HUP QUIT; do
	capture_start -w "$file"
	wait_for 20 has_packets
	capture_end $signal
	check_sums
	capinfos -c "$file" >/dev/null || fail "capinfos does not read the file after SIG$signal"
done

# timeout(1) sends its signal twice, and some are impatient.
for _ in 1 2 3; do
	capture_start -w "$file"
	wait_for 20 has_packets
	# Up to its last moment.
	while kill -s TERM "$capture" 2>/dev/null && ! process_has_ended "$capture"; do
		read -r -t 0.001 <> <(:) || true
	done
	capture_join
	check_sums
done

# A SIGPIPE from somebody is no reason to end: the pipe itself shows that its reader is gone.
capture_start -w "$file"
kill -s PIPE "$capture"
wait_for 20 has_packets
capture_end
check_sums

# By itself.
capture_launch "$hook" -w "$file" --count 12345
capture_join
check_equal "packets with --count 12345" 12345 "$(packets)"
check_sums_with_count()
{
	check_equal "ISBs" 1 "$(blocks "$file" ISB interface | wc -l)"
	check_equal "delivered" 12345 "$(statistics delivered)"
	[ "$(statistics accepted)" -ge 12345 ] || fail "fewer matched than written"
}
check_sums_with_count
capture_launch "$hook" -w "$file" --duration 0.3
capture_join
check_sums
traffic_end
