#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel drops is captured, with its reasons where it has any; and what comes by at its functions.
set -eu
. "$(dirname "$0")/proof.sh"
object=$BUILD/tests/kernel/shot.bpf.o

# The lines of check_drops.
say_causes()
{
	local reason what
	sed -n 's/^cause: \(.*\): \(.*\)/\2 \1/p' "$HOME/said" | while read -r reason what; do
		case $reason in
		none) no "reason of a drop, $what" "this kernel gives none" ;;
		NOT_SPECIFIED) no "reason of a drop, $what" "this kernel says NOT_SPECIFIED" ;;
		*) yes "reason of a drop, $what" ;;
		esac
	done
}

# part SCRIPT FEATURE: one of tests/kernel, in a shell of its own, which makes a world and removes it.
part()
{
	local status=0
	"$tests/kernel/$1.sh" "$object" "$BUILD/tests/xsk/xsk_socket" >"$HOME/said" 2>&1 || status=$?
	cat "$HOME/said"
	# What the part has pinned would be in the way of the next one.
	rm -rf /sys/fs/bpf/*
	case $status in
	0)
		yes "$2"
		say_causes
		;;
	77) no "$2" "$(sed -n 's/^SKIP: //p' "$HOME/said" | tail -n 1)" ;;
	*) fail "$1: $(tail -n 3 "$HOME/said")" ;;
	esac
}
part drops "packets that the kernel drops"
part headers "dropped packets with the headers that they have on a wire, and made ones"
part tunnels "dropped packets of tunnels, bridges and VLAN devices"
part frames "headers and tags of dropped packets"
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
part examples "a dropped ping by its reason and the calls that led there; a packet of AF_XDP that tcpdump misses"
part functions "packets at functions and tracepoints"
part many "packets at all functions and tracepoints of the kernel at once"
part journey "packets of the kernel that are followed (--track)"
part journey_from_xdp "a packet's journey from XDP on"
