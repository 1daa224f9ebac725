#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same through a preference of tshark, as Wireshark's dialog sets it.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
tshark -l -i "xdp:$hook" -o extcap.xdp__sys_fs_bpf_example_hook.actions:drop,tx -a duration:60 -c 2 \
	-T fields -e udp.dstport -e xdp.action >"$HOME/shown" 2>"$HOME/errors" &
tshark=$!
wait_for 20 is_capturing "$hook" "1 3" || fail "tshark: $(cat "$HOME/errors")"
send --count 5 1000 1001 1002 1003 1004 >/dev/null
wait $tshark || fail "tshark: $(cat "$HOME/errors")"
check_equal packets "1001 1 1003 3" "$(tr '\t\n' '  ' <"$HOME/shown" | sed 's/ $//')"
wait_for 20 is_not_capturing
