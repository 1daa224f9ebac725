#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The slots of actions that were not asked for stay empty.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

send_all()
{
	local before
	before=$(server_received)
	send --count 10 1000 1001 1002 1003 1004 >/dev/null
	wait_for 20 server_has_received $((before + 10))
}

# captured LIST SLOTS EXPECTED: what a capture of these actions holds.
captured()
{
	capture_launch "$hook" -w "$file" -a "$1"
	capture_wait "$2"
	send_all
	capture_end
	check_equal "packets with -a $1" "$3" "$(blocks "$file" EPB comment | sed 's/xdp action=\([A-Z]*\).*/\1/' | tr '\n' ' ')"
	check_equal "received with -a $1" "$(wc -w <<<"$3")" "$(statistics received)"
}

captured drop,tx "1 3" "DROP TX DROP TX "
captured XDP_ABORTED,Redirect "0 4" "ABORTED REDIRECT ABORTED REDIRECT "
captured pass "2" "PASS PASS "
captured "" "0 1 2 3 4" "ABORTED DROP PASS TX REDIRECT ABORTED DROP PASS TX REDIRECT "
