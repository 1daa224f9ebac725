#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an XDP program does to each of many numbered frames, and the bytes that it leaves in them, first without
# captures, then while one captures all the time and others start, end and are killed: 0 changed, 0 lost, 0 twice, 0 with
# other bytes. XDPSHARK_FRAMES frames in all (1,000,000), or more until XDPSHARK_ROUNDS rounds of captures are over (2).
set -eu
. "$(dirname "$0")/trace.sh"
. "$tests/share/captures.sh"
example_create
frames=${XDPSHARK_FRAMES:-1000000}
rounds=${XDPSHARK_ROUNDS:-2}
point=xdp-prog:$server:server0
hook=$point

# send_frames COUNT [FILE]
send_frames()
{
	"$BUILD/tests/share/numbered" "$client" "$server" "$sink" "$@"
}

program_on_device()
{
	ip -n "$server" -d link show server0 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p'
}

program_is_new()
{
	[ "$(program_on_device)" != "$1" ]
}

trace_start first
trace_end first
echo "without captures:"
send_frames $((frames / 4))

echo "while captures come and go:"
program=$(program_on_device)
send_frames $((frames - frames / 4)) "$HOME/enough" >"$HOME/result" &
sender=$!
wait_for 60 program_is_new "$program" || fail "nothing is sent: $(cat "$HOME/result")"
trace_start steady -s 60 -a drop udp
for ((round = 0; round < rounds; round++)); do
	options=$(sed -n $((round % 3 + 1))p <<<$'--at both\n--at entry\n--at exit')
	run_round
done 2>"$HOME/killed"
touch "$HOME/enough"
wait $sender || fail "$(cat "$HOME/result")"
sort "$HOME/result" | uniq -c
trace_end steady
[ "$(stat -c %s "$HOME/steady.pcapng")" -gt 10000 ] ||
	fail "the capture that was there all the time has next to nothing: $(ls -l "$HOME/steady.pcapng"; cat "$HOME/steady.log")"

none_is_left()
{
	! bpftool prog show | grep -q 'tracing.*name xdpshark'
}
wait_for 20 none_is_left || fail "programs of captures that were killed: $(bpftool prog show)"
