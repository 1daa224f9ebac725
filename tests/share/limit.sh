#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 28 captures share a slot, and one more is refused: each of them gets all packets, and the program works as
# before.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
# The program passes on packets of this action: who is told what became of them is behind the whole chain.
limit=28
packets=100

captures=
start()
{
	xdpshark capture "$hook" -v -B 1 -a redirect -w "$HOME/$1.pcapng" udp 2>"$HOME/$1.log" &
	captures="$captures $!"
}

is_on()
{
	grep -q '^capturing on' "$HOME/$1.log"
}

# Four at a time: they only wait for the hook's lock for a limited time.
for ((i = 1; i <= limit; i += 4)); do
	for ((j = i; j < i + 4; j++)); do
		start $j
	done
	for ((j = i; j < i + 4; j++)); do
		wait_for 60 is_on $j || fail "capture $j: $(cat "$HOME/$j.log")"
	done
done
check_refusal 1 "xdpshark: hook $hook: its slot REDIRECT has $limit captures already, and the kernel allows no more: stop one of them, or capture other actions" \
	xdpshark capture "$hook" -w "$file" -a redirect
[ ! -e "$file" ] || fail "the capture that was refused made a file"
# Other slots have their own chains.
capture_launch "$hook" -w "$file" -a drop
capture_wait "1 4"
before=$(sink_received)
send --count $packets --pause 0.0002 1004 >/dev/null
wait_for 20 sink_has_received $((before + packets))
send --count $packets --pause 0.0002 1001 >/dev/null
check_equal "redirected packets" $packets $(($(sink_received) - before))
# One by one, each of which waits for the kernel: it must not have some hundred programs to free at a time, which has
# hung Linux 6.18 (tests/core/backlog.h).
for pid in $capture $captures; do
	kill -s TERM "$pid"
	wait "$pid" || fail "a capture ended with status $?"
done
check_equal "dropped packets in the capture of the other slot" $packets "$(packets)"
for ((i = 1; i <= limit; i++)); do
	grep -q "received $packets .* written $packets packets" "$HOME/$i.log" || fail "capture $i: $(cat "$HOME/$i.log")"
done
check_equal "slots" "" "$(slots_taken "$hook")"
