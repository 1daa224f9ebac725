#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture into a ring of files: each can be read by itself, and tells what XDP did.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
tshark -q -i "xdp:$hook" -f 'udp port 1001' -a duration:60 -b packets:10 -b files:3 -c 45 -w "$HOME/ring.pcapng" 2>"$HOME/errors" &
tshark=$!
wait_for 30 is_capturing || fail "tshark does not capture: $(cat "$HOME/errors")"
send --count 45 1001 >/dev/null
wait $tshark || fail "tshark: $(cat "$HOME/errors")"
wait_for 20 is_not_capturing
packets=$(for one in "$HOME"/ring_*.pcapng; do
	tshark -r "$one" -Y "xdp.action == DROP && xdp.hook == \"$hook\"" -T fields -e data.text -e udp.payload 2>/dev/null | wc -l
done | paste -sd ' ')
# Two whole ones and the rest: the ring has room for three.
check_equal "packets in the files" "10 10 5" "$packets"
