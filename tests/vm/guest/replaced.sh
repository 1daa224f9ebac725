#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook of a program that stands in a part of another one, as libxdp does it, is found and captured; where the
# kernel lets no program of ours into such a hook, that is said.
set -eu
. "$(dirname "$0")/proof.sh"
world_create

# captured FEATURE PROGRAM: the hook of that pinned program, which is on server0.
captured()
{
	world_point_devmap "$2"
	check_equal "hook and device, $1" "$hook server0 example" "$(xdpshark list --json | python3 -c '
import json, sys
for h in json.load(sys.stdin):
	if h["source"] == "xdp":
		print(h["path"], *[d["name"] for d in h["devices"]], *[p["name"] for p in h["programs"]])')"
	capture_start -w "$file" udp
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	capture_end
	check_equal "packets, $1" "ABORTED 1000 0,DROP 1001 1,PASS 1002 2,TX 1003 3,REDIRECT 1004 4" \
		"$(blocks "$file" EPB comment payload | sed 's/xdp action=\([A-Z]*\).*\t/\1 /' | paste -sd ,)"
	yes "$1"
}

# tried FEATURE PROGRAM: captured, or refused in words that tell why, with the slots as they were.
tried()
{
	if [ "$(xdpshark list --json | grep -c "\"path\" : \"$hook\"")" = 1 ]; then
		captured "$@"
		return
	fi
	check_refusal 1 "xdpshark: $hook: programs of type ext (loaded by libxdp) own this map, and this kernel lets no XDP program into it: use Linux 6.1 or later, or attach the program without libxdp" \
		xdpshark capture "$hook" -w "$file"
	no "$1" "the kernel lets no XDP program into it; the refusal says so"
}

feature="hook of a program that replaces a part of another"
on "$server" "$BUILD/tests/vm/replace" "$BUILD/tests/vm/dispatcher.bpf.o" "$example" server0
tried "$feature" /sys/fs/bpf/replacing
on "$server" ip link set dev server0 xdp off
rm /sys/fs/bpf/replacement /sys/fs/bpf/replacing "$hook"

command -v xdp-loader >/dev/null || { echo "SKIP: xdp-loader is missing (xdp-tools)"; exit 77; }
feature="hook of a program loaded by $(xdp-loader load --version | cut -d " " -f 1,3)"
if ! on "$server" xdp-loader load -m native -p /sys/fs/bpf server0 "$example" >"$HOME/loader" 2>&1; then
	no "$feature" "it cannot load the program: its dispatcher has no place for one with a tail call"
	exit 0
fi
bpftool prog pin name example /sys/fs/bpf/loaded
tried "$feature" /sys/fs/bpf/loaded
