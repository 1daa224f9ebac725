#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the XDP program does to each packet is the same without a capture, with one, and while captures come and go.
set -eu
. "$(dirname "$0")/witnesses.sh"
example_create

witnesses_start
send_some
witnesses_end 2000 "without a capture"

witnesses_start
capture_start -w "$file" udp
send_some
witnesses_end 2000 "with a capture"
capture_end
check_equal "packets captured" 2000 "$(packets)"

# A filter, truncation and a full ring take other paths through our programs.
witnesses_start
capture_start -w "$file" -s 20 'udp port 1001 or udp[8:4] = 0x31303034 or ip[len - 1] = 7'
send_some
witnesses_end 2000 "with a capture that filters and cuts"
capture_end

witnesses_start
# shellcheck disable=SC2086
traffic_start --cpu 0 --pause 0.0002 $ports
for _ in 1 2 3 4 5; do
	capture_start -w "$file"
	kill -s INT "$capture"
	capture_join
done
traffic_end
witnesses_end "$(cat "$HOME/sent")" "with captures that came and went"
