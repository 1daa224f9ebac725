#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark finds the hook by itself, captures through our extcap and filters by what XDP did to the packets.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
program=$(bpftool -j prog show pinned /sys/fs/bpf/example | sed 's/{"id":\([0-9]*\).*/\1/')
interface=xdp:$hook

tshark -D >"$HOME/list" 2>/dev/null
grep -q "^[0-9]*\. $interface (XDP hook example_hook on server0 (netns $server) (program example))\$" "$HOME/list" ||
	fail "tshark -D does not list the hook: $(cat "$HOME/list")"

# All packets are captured each time (-c 5), one is shown.
show_one_action()
{
	local action=$1 tshark
	tshark -l -i "$interface" -f 'udp portrange 1000-1004' -a duration:60 -c 5 -Y "xdp.action == $action" -T fields \
		-e udp.dstport -e xdp.action -e xdp.hook -e xdp.program -e xdp.program_id -e xdp.interface \
		-e xdp.queue -e xdp.wire_length -e frame.len >"$HOME/shown" 2>"$HOME/errors" &
	tshark=$!
	wait_for 20 is_capturing || fail "tshark does not capture: $(cat "$HOME/errors")"
	send --count 9 2000 999 1005 1000 1001 1002 1003 1004 2000 >/dev/null
	wait $tshark || fail "tshark: $(cat "$HOME/errors")"
	wait_for 20 is_not_capturing
	! grep -i error "$HOME/errors" || fail "tshark shows an error of ours"
}

number=0
for action in ABORTED DROP PASS TX REDIRECT; do
	show_one_action $action
	check_equal "$action" \
		"$((1000 + number)) $number $hook example $program server0 0 60 60" "$(tr '\t' ' ' <"$HOME/shown")"
	number=$((number + 1))
done
