#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# places.sh OBJECT: programs of tcx and of netkit are captured as those of filters are, where the kernel has them.
set -eu
. "$(dirname "$0")/../trace/trace.sh"
. "$(dirname "$0")/tc.bash"
tc_world "$1"

# attach WHERE PROGRAM DEVICE: fails if the kernel has no such place.
attach()
{
	local status=0
	on "$server" "$here/attach.py" "$1" "/sys/fs/bpf/$2" "$3" || status=$?
	[ $status = 0 ] || [ $status = 77 ] || fail "$*: $status"
	return $status
}

what="tc programs of tcx"
if attach tcx_ingress one server0; then
	attach tcx_egress two server0
	# Behind the first.
	filter ingress two
	xdpshark list | grep -q "^tc:$server:server0/decide .* tcx ingress " || fail "not listed: $(xdpshark list)"
	xdpshark list | grep -q "^tc:$server:server0/decide#2 .* tc ingress " || fail "not listed: $(xdpshark list)"
	xdpshark list | grep -q "^tc:$server:server0/decide#3 .* tcx egress " || fail "not listed: $(xdpshark list)"
	point=tc:$server:server0/decide
	trace_start tcx --comments full
	send 0
	trace_end tcx
	check_packets tcx 0 ingress
	point=tc:$server:server0/egress
	trace_start tcx_out --comments full
	send 2000
	trace_end tcx_out
	check_packets tcx_out 2000 egress
	part "$what"
else
	no_part "$what" "needs Linux 6.6"
fi

what="tc programs of netkit devices"
if on "$server" "$here/attach.py" netkit kit0; then
	attach netkit_primary one kit0
	ip -n "$server" link set kit0 up
	peer=$(ip -n "$server" -o link show type netkit | sed -n 's/^[0-9]*: \([^@:]*\).*/\1/p' | grep -v '^kit0$')
	ip -n "$server" link set "$peer" up
	point=tc:$server:kit0
	trace_start netkit --comments full
	on "$server" "$here/send.py" kit0 02:00:00:00:00:01 02:00:00:00:00:02 0 8
	trace_end netkit
	blocks "$HOME/netkit.pcapng" EPB comment >"$HOME/netkit"
	check_equal "verdicts" "OK PIPE REDIRECT SHOT STOLEN" \
		"$(sed -n 's/^skb at=exit action=\([A-Z]*\) dir=primary .*/\1/p' "$HOME/netkit" | sort -u | paste -sd ' ')"
	part "$what"
else
	no_part "$what" "needs Linux 6.7"
fi
