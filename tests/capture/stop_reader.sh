#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader that goes away, or one that takes nothing, does not keep a capture from ending.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
fifo_create

# Without traffic nothing is written, so no write can fail.
capture_launch "$hook" -w "$fifo"
exec 3<"$fifo"
capture_wait
exec 3<&-
capture_join

# The same on standard output.
exec 4> >(head -c 28 >/dev/null)
xdpshark capture "$hook" >&4 2>"$HOME/errors" &
capture=$!
exec 4>&-
capture_join

# Under traffic.
traffic_start --burst 20 --pause 0.0005 1001 1002
xdpshark capture "$hook" 2>"$HOME/errors" | head -c 1000000 >"$file"
check_equal "status of the capture" "0 0" "${PIPESTATUS[*]}"
check_equal "standard error" "" "$(cat "$HOME/errors")"
check_equal "slots" "" "$(slots_taken "$hook")"
check_equal "bytes" 1000000 "$(stat -c %s "$file")"

# A reader that takes nothing: the slots are emptied at once, and a second signal ends the wait for it.
capture_launch "$hook" -w "$fifo"
exec 3<"$fifo"
capture_wait
before=$(server_received)
wait_for 20 server_has_received $((before + 50000))
# Quickly: it waits for some seconds only.
slots_are_empty()
{
	! bpftool -j map dump pinned "$hook" | grep -q '"value"'
}
slots_are_empty && fail "slots are empty during a capture"
kill "$capture"
wait_for 5 slots_are_empty || fail "slots stay taken while the reader is stuck"
! process_has_ended "$capture" || fail "the capture does not wait for its reader at all"
# One that comes at once is taken for the first one's repetition, as timeout(1) sends it.
is_heard()
{
	kill "$capture" 2>/dev/null || true
	process_has_ended "$capture"
}
wait_for 5 is_heard || fail "the second signal is not heard"
status=0
wait "$capture" || status=$?
check_equal "status" 0 "$status"
exec 3<&-
traffic_end
