#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel drops is captured, with its reasons where it has any.
set -eu
. "$(dirname "$0")/proof.sh"
. "$(dirname "$0")/kernel_part.bash"
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
