#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures and logs contain what others may not see: new ones are for their owner only, whatever the umask.
# Existing files keep their mode.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
umask 0
log=$HOME/log

check_mode()
{
	check_equal "mode of $2" "$1" "$(stat -c %a "$2")"
}

capture_launch "$hook" -w "$file" --log-file "$log" --duration 0.1
capture_join
check_mode 600 "$file"
check_mode 600 "$log"

chmod 640 "$file"
chmod 664 "$log"
capture_launch "$hook" -w "$file" --log-file "$log" --duration 0.1
capture_join
check_mode 640 "$file"
check_mode 664 "$log"

# Wireshark's log, which its option dialog offers.
rm "$log"
mkfifo "$HOME/fifo"
xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" --log-file "$log" --duration 0.1 &
extcap=$!
with_limit cat "$HOME/fifo" >/dev/null
wait $extcap || fail "the capture failed"
check_mode 600 "$log"
[ "$(stat -c %s "$log")" -gt 0 ] || fail "nothing is in the log"
