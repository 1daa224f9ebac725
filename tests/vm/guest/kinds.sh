#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks of programs of every kind are found, and all five actions are captured.
set -eu
. "$(dirname "$0")/proof.sh"
load=$1
fragments=yes
has_fragments || fragments=no
world_create

# kind FEATURE OBJECT MODE ATTACH_TYPE
kind()
{
	local feature=$1 object=$BUILD/tests/programs/$2.bpf.o before
	if [ "$2" = example_frags ] && [ $fragments = no ]; then
		no "$feature" "$no_fragments"
		return
	fi
	on "$server" "$load" "$object" server0 "$3" "$4"
	world_point_devmap /sys/fs/bpf/server0
	check_equal "hook and device, $feature" "$hook server0 example" "$(xdpshark list --json | python3 -c '
import json, sys
for h in json.load(sys.stdin):
	if h["source"] == "xdp":
		print(h["path"], *[d["name"] for d in h["devices"]], *[p["name"] for p in h["programs"]])')"
	capture_start -w "$file" udp
	before=$(server_received)
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	wait_for 60 server_has_received $((before + 5)) || fail "not all packets are captured, $feature"
	capture_end
	check_equal "packets, $feature" "ABORTED 1000 0,DROP 1001 1,PASS 1002 2,TX 1003 3,REDIRECT 1004 4" \
		"$(blocks "$file" EPB comment payload | sed 's/xdp action=\([A-Z]*\).*\t/\1 /' | paste -sd ,)"
	yes "$feature"
	on "$server" ip link set dev server0 xdp off
	on "$server" ip link set dev server0 xdpgeneric off
	rm /sys/fs/bpf/server0 "$hook"
}

kind "hook of a program loaded by libbpf" example native 37
kind "hook of a program without attach type" example native 0
kind "hook of a program in generic mode" example generic 37
kind "hook of a program with fragments" example_frags native 37
kind "hook of a program with fragments, no attach type" example_frags native 0
