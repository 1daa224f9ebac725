#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel drops is captured, with its reasons where it has any; and what comes by at its functions.
set -eu
. "$(dirname "$0")/proof.sh"
object=$BUILD/tests/kernel/shot.bpf.o

# part SCRIPT FEATURE: one of tests/kernel, in a shell of its own, which makes a world and removes it.
part()
{
	local status=0
	"$tests/kernel/$1.sh" "$object" >"$HOME/said" 2>&1 || status=$?
	cat "$HOME/said"
	# What the part has pinned would be in the way of the next one.
	rm -rf /sys/fs/bpf/*
	case $status in
	0) yes "$2" ;;
	77) no "$2" "$(sed -n 's/^SKIP: //p' "$HOME/said" | tail -n 1)" ;;
	*) fail "$1: $(tail -n 3 "$HOME/said")" ;;
	esac
}
part drops "packets that the kernel drops"
if bpftool btf dump file /sys/kernel/btf/vmlinux | grep -q SKB_DROP_REASON_NETFILTER_DROP; then
	yes "reasons of packets that the kernel drops"
else
	no "reasons of packets that the kernel drops" "this kernel gives none (that of 5.18 does)"
fi
part frames "frames of dropped packets: headers, tags"
if grep -q "does not let fragments be read" "$HOME/said"; then
	no "dropped packets in fragments, whole" "this kernel does not let such programs read fragments (6.12 does)"
else
	yes "dropped packets in fragments, whole"
fi
part options "dropped packets by reason, device, mark"
if grep -q "does not tell a process's work" "$HOME/said"; then
	no "dropped packets by process" "this kernel does not tell a process's work from that of an interrupt"
else
	yes "dropped packets by process"
fi
part functions "packets at functions and tracepoints"
