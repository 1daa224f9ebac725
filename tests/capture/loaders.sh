#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks of programs that were loaded by libbpf, bpftool and ip, in every kind and mode, are listed and captured.
set -eu
. "$(dirname "$0")/steps.sh"
load=$1
world_create

# captured HOW HOOK PROGRAM: the hook is listed with its device, and all five actions are captured and carried
# out.
captured()
{
	hook=$2
	world_point_devmap "$3"
	check_equal "list, loaded by $1" "$hook server0" "$(xdpshark list --json | python3 -c '
import json, sys
for h in json.load(sys.stdin):
    if h["path"]: print(h["path"], *[d["name"] for d in h["devices"]])')"
	capture_start -w "$file" udp
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	wait_for 20 sink_has_received $((before + 1)) || fail "the redirected packet does not arrive, loaded by $1"
	capture_end
	check_equal "packets, loaded by $1" "ABORTED 1000 0,DROP 1001 1,PASS 1002 2,TX 1003 3,REDIRECT 1004 4" \
		"$(blocks "$file" EPB comment payload | sed 's/xdp action=\([A-Z]*\).*\t/\1 /' | paste -sd ,)"
}

for kind in example example_frags; do
	object=$BUILD/tests/programs/$kind.bpf.o
	for mode in native generic; do
		# 37: BPF_XDP.
		for type in 37 0; do
			before=$(sink_received)
			on "$server" "$load" "$object" server0 $mode $type
			captured "libbpf, $kind, $mode, attach type $type" /sys/fs/bpf/example_hook /sys/fs/bpf/server0
			on "$server" ip link set dev server0 xdp off
			on "$server" ip link set dev server0 xdpgeneric off
			rm /sys/fs/bpf/server0 /sys/fs/bpf/example_hook
		done
	done
done

for mode in xdpdrv xdpgeneric; do
	before=$(sink_received)
	world_attach "$example" $mode
	captured "bpftool, $mode" /sys/fs/bpf/example_hook /sys/fs/bpf/example
	on "$server" bpftool net detach $mode dev server0
	rm /sys/fs/bpf/example /sys/fs/bpf/example_hook
done

# ip pins maps in a folder of its own (that of iproute2 with libbpf).
for section in xdp xdp.frags; do
	object=$example
	[ $section = xdp ] || object=$example_frags
	for mode in xdpdrv xdpgeneric; do
		before=$(sink_received)
		on "$server" ip link set dev server0 $mode obj "$object" sec $section
		id=$(ip -n "$server" link show server0 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')
		bpftool prog pin id "$id" /sys/fs/bpf/loaded
		captured "ip link, $mode, section $section" /sys/fs/bpf/tc/globals/example_hook /sys/fs/bpf/loaded
		on "$server" ip link set dev server0 $mode off
		rm /sys/fs/bpf/tc/globals/example_hook /sys/fs/bpf/loaded
	done
done
