#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program array that is used as a jump table is not a hook, whatever its size and contents: it is not listed,
# a capture is refused with the reason, and what happens to packets does not change.
set -eu
. "$(dirname "$0")/steps.sh"
array=/sys/fs/bpf/array
world_create

# If it is not refused, the capture would run on.
with_limit()
{
	timeout 120 "$@"
}

program_id()
{
	bpftool -j prog show pinned "$1" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2
}

# echoes WHEN: all five packets, one to each slot, come back.
echoes()
{
	check_equal "packets that come back $1, $table" 5 "$(on "$client" "$tests/capture/echo.py" 1000 1001 1002 1003 1004)"
}

slots()
{
	bpftool map dump pinned "$array"
}

# refused ARGUMENT...: while five packets are answered.
refused()
{
	local before
	before=$(slots)
	check_run 1 xdpshark capture "$array" -w "$HOME/none" "$@" &
	local attempt=$!
	echoes "during: capture $*"
	wait $attempt || exit 1
	grep -qE "^xdpshark: $array: a jump table, not a hook: program dispatch#$id (returns [A-Z]+ after a tail call with the index of [A-Z]+|goes on to write to memory after a tail call) \(instruction [0-9]+\); a capture would change what happens to packets$" \
		"$HOME/stderr" || fail "capture $*, $table: $(cat "$HOME/stderr")"
	echoes "after: capture $*"
	check_equal "slots after: capture $*, $table" "$before" "$(slots)"
	[ ! -e "$HOME/none" ] || fail "a file was written: capture $*, $table"
}

for table in table table_old table_eight table_mixed "table 0 2"; do
	read -r object filled <<<"$table"
	bpftool prog loadall "$BUILD/tests/programs/$object.bpf.o" /sys/fs/bpf/programs
	on "$server" bpftool net attach xdp pinned /sys/fs/bpf/programs/dispatch dev server0
	id=$(program_id /sys/fs/bpf/programs/dispatch)
	for slot in $filled; do
		bpftool map update pinned "$array" key "$slot" 0 0 0 value pinned /sys/fs/bpf/programs/stage
	done
	echoes before
	check_equal "hooks in the list, $table" "" "$(xdpshark list --json | grep '"source" : "xdp",')"
	xdpshark list 2>/dev/null | grep -q "^xdp-prog:$server:server0 .*dispatch#$id .*  -  " || fail "list, $table: $(xdpshark list 2>&1)"
	xdpshark --extcap-interfaces | grep -q "value=xdp:/" && fail "$table is an interface"
	refused
	refused -a drop
	refused --share-foreign
	refused --share-foreign -a tx
	refused --unproven
	refused -a aborted udp port 9
	on "$server" ip link set dev server0 xdp off
	rm -r /sys/fs/bpf/programs "$array"
done
