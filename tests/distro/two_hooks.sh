#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark captures from two hooks at once, and keeps apart what was done where.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
two_hooks_create

tshark -q -i "xdp:$hook" -f 'udp port 1001' -i "xdp:$second" -f 'udp port 1002' -a duration:60 -c 6 -w "$file" 2>"$HOME/errors" &
tshark=$!
wait_for 30 is_capturing "$hook" || fail "tshark does not capture: $(cat "$HOME/errors")"
wait_for 30 is_capturing "$second" || fail "tshark does not capture: $(cat "$HOME/errors")"
for _ in 1 2 3; do
	send --count 2 1001 1002 >/dev/null
	on "$server" "$tests/capture/send.py" --count 2 --address 10.9.0.1 1001 1002 >/dev/null
done
wait $tshark || fail "tshark: $(cat "$HOME/errors")"
wait_for 20 is_not_capturing "$hook"
wait_for 20 is_not_capturing "$second"
check_equal "packets, by hook" "3 DROP 1001 $hook server0
3 PASS 1002 $second client0" \
	"$(tshark -r "$file" -T fields -e xdp.action -e udp.dstport -e xdp.hook -e xdp.interface 2>/dev/null |
		tr '\t' ' ' | sed 's/^1 /DROP /; s/^2 /PASS /' | sort | uniq -c | sed 's/^ *//')"
