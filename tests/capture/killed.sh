#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After kill -9 of a capture and of its xdpshark-hookd the slots keep our programs; the next start says so, empties
# them and captures. (kill -9 of one of the two: tests/share/killed.sh)
set -eu
. "$(dirname "$0")/steps.sh"
example_create
traffic_start --burst 20 --pause 0.0005 1001 1002

die_capturing()
{
	capture_start -w "$HOME/lost"
	hookd=$(pgrep -P "$capture" -x xdpshark-hookd)
	kill -s KILL "$hookd" "$capture"
	wait "$capture" 2>/dev/null || true
	check_equal "slots after kill -9" "0 1 2 3 4" "$(slots_taken "$hook")"
}

die_capturing
dead=$hookd
before=$(server_received)
wait_for 20 server_has_received $((before + 1000)) || fail "the program stops with the capture"
expected=
number=0
for slot in "xdpshark_abort ABORTED" "xdpshark_drop DROP" "xdpshark_pass PASS" "xdpshark_tx TX" "xdpshark_redir REDIRECT"; do
	expected="${expected}message: hook $hook: removing program $(program_in $number) (${slot% *}) from slot ${slot#* }: its xdpshark (process $dead) is gone
"
	number=$((number + 1))
done
# It may have ended before we look at the slots.
capture_launch "$hook" -w "$file" --count 1000 --log-file "$HOME/log" --log-level message
capture_join
check_equal "log" "$expected" "$(sed 's/^[^ ]* \[[0-9]*\] //' "$HOME/log")
"
check_equal "packets" 1000 "$(packets)"

# Only what is asked for is cleaned up.
die_capturing
capture_launch "$hook" -w "$file" -a drop --count 1000
wait_for 20 process_has_ended "$capture"
check_equal "slots" "0 2 3 4" "$(slots_taken "$hook")"

# What somebody else has put into a slot in the meantime is not ours to remove.
bpftool prog load "$example" /sys/fs/bpf/foreign
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
foreign=$(program_in 1)
check_refusal 1 "xdpshark: hook $hook: its slot DROP holds program $foreign (example), which is not xdpshark's: end the capture that put it there, capture other actions, or pass --share-foreign" \
	xdpshark capture "$hook" -w "$file"
check_equal "program in the slot DROP" "$foreign" "$(program_in 1)"
capture_launch "$hook" -w "$file" -a pass,tx --count 100
wait_for 20 process_has_ended "$capture"
wait "$capture" || fail "$(cat "$HOME/errors")"
check_equal "program in the slot DROP" "$foreign" "$(program_in 1)"
traffic_end
