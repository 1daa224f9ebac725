#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tcpdump and tshark read the stream live from a pipe.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# piped READER...: its output, of five packets that are sent when the capture is on.
piped()
{
	(
		xdpshark capture "$hook" -c 5 'udp portrange 1000-1004' 2>"$HOME/errors" | timeout 60 "$@" >"$HOME/read" 2>"$HOME/reader-errors"
		[ "${PIPESTATUS[*]}" = "0 0" ]
	) &
	local reader=$!
	wait_for 20 is_capturing || fail "no capture: $(cat "$HOME/errors")"
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	wait $reader || fail "$*: $(cat "$HOME/errors" "$HOME/reader-errors")"
	check_equal "standard error of the capture" "" "$(cat "$HOME/errors")"
}

expected="1000 1001 1002 1003 1004"
piped tcpdump -n -t -r -
check_equal "packets in tcpdump" "$expected" "$(sed -n 's/^IP 10\.9\.0\.1\.[0-9]* > 10\.9\.0\.2\.\([0-9]*\): UDP, length 18$/\1/p' "$HOME/read" | paste -sd ' ')"
if command -v tshark >/dev/null; then
	piped tshark -l -r - -T fields -e udp.dstport -e xdp.action
	check_equal "packets in tshark" "1000 0 1001 1 1002 2 1003 3 1004 4" "$(tr '\t\n' '  ' <"$HOME/read" | sed 's/ $//')"
	piped tshark -l -i - -T fields -e udp.dstport -e xdp.action
	check_equal "packets in tshark -i -" "1000 0 1001 1 1002 2 1003 3 1004 4" "$(tr '\t\n' '  ' <"$HOME/read" | sed 's/ $//')"
fi
