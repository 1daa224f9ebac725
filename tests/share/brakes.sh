#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --sample and --rate leave packets out, say so in the file, and count them apart.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create

# run NAME OPTION...: sends 2000 packets; the summary goes to NAME.
run()
{
	local name=$1
	shift
	: >"$HOME/$name"
	xdpshark capture "$hook" -v -w "$file" "$@" udp 2>"$HOME/$name" &
	capture=$!
	wait_for 20 grep -q 'capturing on' "$HOME/$name"
	send --count 2000 1001 >/dev/null
	kill -s INT "$capture"
	wait "$capture"
	grep -q 'received 2000 ' "$HOME/$name" || fail "$name: $(cat "$HOME/$name")"
	written=$(packets)
	left=$(sed -n 's/.*left out \([0-9]*\).*/\1/p' "$HOME/$name")
	check_equal "$name: left out and written" 2000 $((written + ${left:-0}))
	comment=$(capinfos "$file" | sed -n 's/^ *Comment = //p')
}

run none
check_equal "comment without brakes" "" "$comment"
run sampled --sample 1/4
check_equal "comment" "sampled: one of 4 matching packets" "$comment"
# 500 expected; six standard deviations are 116.
[ "$written" -gt 380 ] && [ "$written" -lt 620 ] || fail "$written of 2000 packets are not one of 4"
run limited --rate 100
check_equal "comment" "limited: at most 100 packets a second on each CPU" "$comment"
[ "$written" -ge 10 ] && [ "$written" -lt 1500 ] || fail "$written of 2000 packets are not 100 a second"
