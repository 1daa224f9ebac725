#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets are counted by action without being copied, at a hook and of a program without one.
set -eu
. "$(dirname "$0")/proof.sh"
example_create
xdpshark stat "$hook" --json -i 0.5 "udp port 1001 or udp port 1003" >"$HOME/counts" 2>"$HOME/errors" &
capture=$!
wait_for 60 grep -q '"final"' "$HOME/counts" || fail "nothing is counted: $(cat "$HOME/errors")"
send --count 50 --size 58 1000 1001 1002 1003 1004 >/dev/null
kill "$capture"
wait "$capture" || fail "the count: $(cat "$HOME/errors")"
tail -n 1 "$HOME/counts" | grep -o '"\(DROP\|PASS\|TX\)":{"packets":[0-9]*,"bytes":[0-9]*' | tr -d '"{' | paste -sd ' ' >"$HOME/result"
check_equal "counts" "DROP:packets:10,bytes:1000 PASS:packets:0,bytes:0 TX:packets:10,bytes:1000" "$(cat "$HOME/result")"
yes "packets counted by action, without copying them"
world_remove
rm "$hook" /sys/fs/bpf/example /sys/fs/bpf/pass
TRACING_NEEDED=1 "$tests/trace/counts.sh" "$BUILD/tests/trace/traced.bpf.o"
yes "programs without a hook, counted"
