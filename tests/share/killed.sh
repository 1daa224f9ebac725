#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of the capture, of xdpshark-hookd, and of both: the slots are given back, at the latest by the next
# capture; another capture on the same hook goes on.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
world_create
world_attach "$example"

start()
{
	: >"$HOME/$1.log"
	xdpshark capture "$hook" -v -w "$HOME/$1.pcapng" udp 2>"$HOME/$1.log" &
	capture=$!
	wait_for 20 grep -q 'capturing on' "$HOME/$1.log"
	hookd=$(pgrep -P "$capture" -f xdpshark-hookd)
}

# Alone on the hook: the next capture finds what is left. Kill them in this order, or xdpshark-hookd may see the
# end of the capture in time to clean up.
start alone
kill -9 "$hookd" "$capture"
wait "$capture" || true
start next
grep -q 'is gone' "$HOME/next.log" || { echo "nothing was cleaned up"; cat "$HOME/next.log"; exit 1; }
kill -TERM "$capture"
wait "$capture"

# Next to another capture, which checks the chain once a second: either of the two finds it.
start survivor
survivor=$capture

start a
kill -9 "$capture"
wait "$capture" || true
wait_for 10 test ! -e "/proc/$hookd"

start b
kill -9 "$hookd"
status=0
wait "$capture" || status=$?
[ $status = 1 ] || { echo "status $status after the death of xdpshark-hookd"; exit 1; }
grep -q 'xdpshark-hookd was killed' "$HOME/b.log" || { cat "$HOME/b.log"; exit 1; }

start c
kill -9 "$hookd" "$capture"
wait "$capture" || true

start d
world_send 1001 1
for pid in "$capture" "$survivor"; do
	kill -TERM "$pid"
	wait "$pid"
done
for name in d survivor; do
	ports=$(tshark -r "$HOME/$name.pcapng" -T fields -e udp.dstport 2>/dev/null)
	[ "$ports" = 1001 ] || { echo "$name has ports '$ports'"; exit 1; }
done
is_not_capturing "$hook" || { echo "something is left in the slots"; exit 1; }
