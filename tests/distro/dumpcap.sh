#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dumpcap takes a capture of a real hook from a pipe, and writes down all that it tells.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
(
	xdpshark capture "$hook" -c 5 'udp portrange 1000-1004' 2>"$HOME/errors" | timeout 60 dumpcap -q -i - -w "$file" 2>"$HOME/reader-errors"
	[ "${PIPESTATUS[*]}" = "0 0" ]
) &
reader=$!
wait_for 30 is_capturing || fail "no capture: $(cat "$HOME/errors" "$HOME/reader-errors")"
send --count 5 1000 1001 1002 1003 1004 >/dev/null
wait $reader || fail "$(cat "$HOME/errors" "$HOME/reader-errors")"
check_equal "packets" "ABORTED 1000 0,DROP 1001 1,PASS 1002 2,TX 1003 3,REDIRECT 1004 4" \
	"$(blocks "$file" EPB comment payload | sed 's/xdp action=\([A-Z]*\).*\t/\1 /' | paste -sd ,)"
check_equal "statistics" "5 5" "$(blocks "$file" ISB accepted delivered | tr '\t' ' ')"
