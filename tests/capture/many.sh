#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture on more hooks than the default limit of open files allows, and its cost: what can be done once is
# not done for each hook.
set -eu
. "$(dirname "$0")/steps.sh"

# One program for each hook: the kernel must not get hundreds of them to free at once.
actions=(-a pass)
count=70
mapfile -t hooks < <(seq -f /sys/fs/bpf/%.0f 0 $((count - 1)))
"$2" /sys/fs/bpf $count

# Both processes raise the limit as far as they may; the capture's rings alone are more files than 128.
ulimit -S -n 128
xdpshark capture "${hooks[@]}" "${actions[@]}" -w "$file" 2>"$HOME/errors" &
capture=$!
trap 'kill -s KILL $capture 2>/dev/null || true' EXIT
wait_for 60 capture_is_on "${hooks[-1]}" 2 || fail "no capture: $(cat "$HOME/errors")"
check_equal "slots of the first" 2 "$(slots_taken "${hooks[0]}")"
kill -s TERM $capture
wait $capture || fail "the capture failed: $(cat "$HOME/errors")"
check_equal "interfaces" $count "$(blocks "$file" IDB description | wc -l)"

nothing_is_taken()
{
	[ "$(xdpshark list --json | python3 -c '
import json, sys
print(sum(1 for hook in json.load(sys.stdin) for slot in hook["slots"] if slot["program"]))')" = 0 ]
}
nothing_is_taken || fail "slots are taken after the end"

# xdpshark-hookd gives all of them back by itself.
xdpshark capture "${hooks[@]:0:20}" "${actions[@]}" -w "$file" 2>"$HOME/errors" &
capture=$!
wait_for 60 capture_is_on "${hooks[19]}" 2 || fail "no capture: $(cat "$HOME/errors")"
kill -s KILL $capture
wait_for 20 nothing_is_taken || fail "slots are taken after kill -9"

# The limit has a number.
mapfile -t too_many < <(yes "${hooks[0]}" | head -n 513)
check_refusal 1 "xdpshark: 513 hooks are too many: a capture has 512 at most; capture the others with another one" \
	xdpshark capture "${too_many[@]}" -w /dev/null
check_refusal 1 "xdpshark: ${hooks[0]} and ${hooks[0]} are the same hook: name it once" \
	xdpshark capture "${hooks[0]}" "${hooks[0]}" -w /dev/null
check_refusal 1 "xdpshark: /sys/fs/bpf/none: nothing is pinned there (xdpshark list shows the hooks)" \
	xdpshark capture "${hooks[@]:0:3}" /sys/fs/bpf/none -w /dev/null

# Forty take as long as a few. The shortest of some alternating rounds counts.
took()
{
	local start=$EPOCHREALTIME
	timeout 60 xdpshark capture "$@" "${actions[@]}" --duration 0.01 -w /dev/null 2>"$HOME/errors" ||
		fail "$# hooks: $(cat "$HOME/errors")"
	echo "$# $start $EPOCHREALTIME"
}
for _ in 1 2 3 4; do
	took "${hooks[0]}"
	took "${hooks[@]:0:40}"
done | python3 -c '
import sys
least = {}
for line in sys.stdin:
    count, start, end = line.split()
    least[count] = min(least.get(count, 1e9), float(end) - float(start))
ratio = least["40"] / least["1"]
print(f"40 hooks take {ratio:.1f} times as long as one")
sys.exit(ratio > 24)' || fail "each of many hooks costs nearly what one alone does"
