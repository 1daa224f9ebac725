#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# member.sh FIREWALL: on a machine where nobody has prepared anything, a member of the capture group sees in tshark what
# the XDP program on eth0 drops: by the name of its device, a capture filter and a display filter.
set -eu
# An eth0 of its own.
[ "${XDPSHARK_OWN_NETWORK:-}" = yes ] || XDPSHARK_OWN_NETWORK=yes exec unshare --net "$0" "$@"
. "$(dirname "$0")/trace.sh"
. "$tests/security/steps.sh"
machine_create
trap machine_remove EXIT
$permit -g $group
ip link set lo up
ip link add eth0 type veth peer name wire0
ip link set eth0 up
ip link set wire0 up
bpftool prog load "$1" /sys/fs/bpf/firewall
bpftool net attach xdp pinned /sys/fs/bpf/firewall dev eth0
point=xdp-prog:eth0

# send_queries: a short and a long one to port 53, and a long one to another port.
send_queries()
{
	"$tests/trace/send_queries.py" wire0
}

trace_start own
trace_end own

member env "HOME=$HOME/own" tshark -l -i $point -f 'udp port 53' -Y 'xdp.action == DROP' -a duration:120 -c 8 \
	-T fields -e frame.interface_name -e xdp.action -e udp.dstport -e frame.len >"$HOME/shown" 2>"$HOME/errors" &
tshark=$!
until process_has_ended $tshark; do
	send_queries
	read -r -t 0.2 <> <(:) || true
done
wait $tshark || fail "tshark: $(cat "$HOME/errors")"
check_equal "what a member sees" "eth0:firewall()@fexit 1 53 192" "$(sort -u "$HOME/shown" | tr '\t' ' ')"

member xdpshark capture $point -c 2 -n -a drop udp port 53 >"$HOME/drops.pcapng" 2>"$HOME/errors" &
capture=$!
until process_has_ended $capture; do
	send_queries
	read -r -t 0.2 <> <(:) || true
done
wait $capture || fail "a member's capture: $(cat "$HOME/errors")"
check_equal "what came in, of what was dropped" "xdp at=entry 192|xdp at=exit action=DROP 192" \
	"$(blocks "$HOME/drops.pcapng" EPB comment wire | sed 's/ ns=[0-9]*//' | tr '\t' ' ' | paste -sd '|')"
if outsider xdpshark capture $point -c 1 --duration 1 -w "$HOME/own/x" 2>"$HOME/errors"; then
	fail "somebody outside of the group captures"
fi
