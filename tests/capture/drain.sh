#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What was captured before the signal is in the file, and the counters agree with it to the packet.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

for count in 1 7 640 6400 64000; do
	before=$(server_received)
	capture_start -w "$file" udp port 1001
	# While stopped, it reads nothing until the signal to end has arrived, too.
	kill -s STOP "$capture"
	send --count "$count" --burst $((count < 64 ? 1 : 64)) 1001 >/dev/null
	send --count "$count" --burst $((count < 64 ? 1 : 64)) 1002 >/dev/null
	wait_for 20 server_has_received $((before + 2 * count))
	kill -s TERM "$capture"
	kill -s CONT "$capture"
	capture_join
	check_sums
	check_equal "received" $((2 * count)) "$(statistics received)"
	check_equal "matched" "$count" "$(statistics accepted)"
	check_equal "dropped" 0 "$(statistics dropped)"
	seq 0 $((count - 1)) | sed 's/^/1001 /' | sort >"$HOME/expected"
	blocks "$file" EPB payload | sort | cmp - "$HOME/expected" || fail "other packets than expected of $count"
done
