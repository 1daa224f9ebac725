#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# counts.sh OBJECT: packets of an XDP program that nobody has prepared are counted by what it returns, with and without a
# filter on what comes in. Where the kernel does not allow it, that is said.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
object=$1
world_create
on "$server" bpftool prog loadall "$object" /sys/fs/bpf/traced
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/traced/a_program_with_a_long_name dev server0
point=xdp-prog:$server:server0

status=0
with_limit xdpshark stat "$point" -n 1 -i 0.1 >"$HOME/stdout" 2>"$HOME/stderr" || status=$?
if [ $status != 0 ]; then
	grep -q "^xdpshark: the XDP program on $server:server0 cannot be captured: this kernel .*; give it a hook" \
		"$HOME/stderr" || fail "no reason: $(cat "$HOME/stderr")"
	[ -z "${TRACING_NEEDED:-}" ] || fail "$(cat "$HOME/stderr")"
	exit 0
fi

# counts EXPECTED ARGUMENT...: packets of each action, and whether there are bytes, of one packet of each kind of traced.h.
counts()
{
	local expected=$1
	shift
	xdpshark stat "$point" --json -i 0.1 "$@" >"$HOME/counts" 2>"$HOME/errors" &
	capture=$!
	wait_for 60 grep -q '"final"' "$HOME/counts" || fail "nothing is counted: $(cat "$HOME/errors")"
	on "$client" "$(dirname "$0")/send_kinds.py" client0 0 1 2 3 4
	kill -s TERM "$capture"
	wait "$capture" || fail "the count: $(cat "$HOME/errors")"
	check_equal "counts with: $*" "$expected" "$(tail -n 1 "$HOME/counts" | python3 -c '
import json, sys
actions = json.load(sys.stdin)["points"][0]["actions"]
print(*(f"{name} {one['\''packets'\'']} {one['\''bytes'\''] > 0:d}" for name, one in actions.items() if one["packets"]))')"
}
counts "DROP 2 1 TX 2 1" -a drop,tx
counts "DROP 2 1 PASS 1 1 TX 2 1" "ether proto 0x88b5"
counts "" "ether[20] == 0xee"

# Two points with the same program on the same device have labels that differ.
check_run 0 xdpshark stat "$point" --openmetrics -n 1 -i 0.1
check_equal "labels" "xdpshark_packet_size_bytes_count{hook=\"$point\",program=\"a_program_with_a_long_name\",interface=\"$server:server0\",action=\"DROP\"} 0" \
	"$(grep 'count.*DROP' "$HOME/stdout")"
