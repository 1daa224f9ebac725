#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# member.sh OBJECT: a member of the capture group captures the tc programs of a device, also one that is attached meanwhile;
# somebody else captures none.
set -eu
# An eth0 of its own.
[ "${XDPSHARK_OWN_NETWORK:-}" = yes ] || XDPSHARK_OWN_NETWORK=yes exec unshare --net "$0" "$@"
programs=$(cd "$(dirname "$0")" && pwd)
. "$programs/../trace/trace.sh"
. "$tests/security/steps.sh"
machine_create
trap machine_remove EXIT
$permit -g $group
ip link set lo up
ip link add eth0 type veth peer name wire0
ip link set eth0 up
ip link set wire0 up
for name in decide other; do
	bpftool prog load "$(dirname "$1")/$name.bpf.o" /sys/fs/bpf/$name
done
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress prio 2 protocol all bpf direct-action object-pinned /sys/fs/bpf/decide
point=tc:eth0
trace_start own
trace_end own

launcher=exec
member xdpshark capture tc:eth0 -v -w "$HOME/own/joined" --comments full 2>"$HOME/errors" &
capture=$!
launcher=
begun_or_ended()
{
	grep -q 'apturing on' "$HOME/errors" || process_has_ended $capture
}
# address_of DEVICE
address_of()
{
	ip -brief link show "$1" | awk '{ print $3 }'
}
# said TEXT
said()
{
	grep -q "$1" "$HOME/errors" || process_has_ended $capture
}
wait_for 60 begun_or_ended
tc filter add dev eth0 ingress prio 1 protocol all bpf direct-action object-pinned /sys/fs/bpf/other
wait_for 60 said 'tc program on eth0/other: attached during the capture .*: captured from now on' || fail "$(cat "$HOME/errors")"
"$programs/send.py" wire0 "$(address_of eth0)" "$(address_of wire0)" 0 8
tc filter add dev eth0 egress prio 1 protocol all bpf direct-action object-pinned /sys/fs/bpf/other
wait_for 60 said 'tc program on eth0/other#2: attached during the capture ' || fail "$(cat "$HOME/errors")"
kill -s TERM $capture
wait $capture || fail "a member's capture: $(cat "$HOME/errors")"
check_equal "what a member sees" "$(printf '%s\n' {decide,other}' ingress '{0..7}' '{entry,exit} | sort)" \
	"$(blocks "$HOME/own/joined" EPB comment data | "$programs/numbers.py" | sed 's/#[0-9]*//' | sort)"
if outsider xdpshark capture tc:eth0 -c 1 --duration 1 -w "$HOME/own/x" 2>"$HOME/errors"; then
	fail "somebody outside of the group captures"
fi
