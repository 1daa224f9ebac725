#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Devices that the kernel of the machine that we develop on does not have: tunnels, whose packets begin with an IP header,
# ports of a bond, and VLAN tags that are taken off.
set -eu
. "$(dirname "$0")/proof.sh"
world_create

pin=/sys/fs/bpf/example
bpftool prog load "$example" $pin

# Before 5.14 most tunnels show XDP the packet that theirs came in, some from its Ethernet header on.
shows_outer()
{
	local major minor
	IFS=. read -r major minor _ < <(uname -r)
	[ "$1" != wireguard ] && [ $((major * 1000 + ${minor%%-*})) -lt 5014 ]
}

begins_with()
{
	case $1 in
	ipip | ip6tnl | ip6gre) shows_outer "$1" && echo 1 && return ;;
	esac
	echo 101
}

# both NAME KIND OPTION...: a device of that kind in client and server; L and R in the options are the near and the far
# address, L6 and R6 those of IPv6.
both()
{
	local name=$1 side
	shift
	for side in "$client 10.9.0.1 10.9.0.2 fd09::1 fd09::2 1" "$server 10.9.0.2 10.9.0.1 fd09::2 fd09::1 2"; do
		# shellcheck disable=SC2086
		set -- $side "$@"
		# shellcheck disable=SC2046
		ip -n "$1" link add "$name" type $(printf '%s ' "${@:7}" |
			sed "s/\<L6\>/$4/; s/\<R6\>/$5/; s/\<L\>/$2/; s/\<R\>/$3/")
		tunnel_up "$1" "$name" "$6"
		shift 6
	done
}

tunnel_up()
{
	ip -n "$1" addr add "10.7.0.$3/24" dev "$2"
	ip -n "$1" addr add "fd07::$3/64" dev "$2" nodad
	ip -n "$1" link set "$2" up
}

# Sends to the tunnel's other end. sit has IPv6 alone.
tunnel_send()
{
	local address=10.7.0.2
	[ "$1" != sit ] || address=fd07::2
	on "$client" bash -c 'printf tunnel >"/dev/udp/$1/1001"' send "$address" 2>/dev/null || true
}

tunnel_seen()
{
	tunnel_send "$1"
	[ -s "$file" ] && [ "$(blocks "$file" EPB time 2>/dev/null | wc -l)" -ge 3 ]
}

# tunnel KIND NAME FEATURE: what comes through it is captured as what it is.
tunnel()
{
	local kind=$1 name=$2 feature=$3 link filter=udp
	link=$(begins_with "$kind")
	on "$server" bpftool net attach xdpgeneric pinned $pin dev "$name"
	! shows_outer "$kind" || filter=
	capture_launch "$hook" -w "$file" "$filter"
	capture_wait
	wait_for 60 tunnel_seen "$kind" || fail "nothing comes through $kind"
	capture_end
	check_equal "link type of $kind" "$link" "$(blocks "$file" IDB link)"
	tshark -r "$file" -Y "udp.dstport == 1001 && xdp.interface == $name" -T fields -e udp.dstport 2>/dev/null |
		sort -u | grep -qx 1001 || fail "no packets of $kind: $(tshark -r "$file" 2>/dev/null)"
	tshark -r "$file" -Y _ws.malformed 2>/dev/null | grep . && fail "malformed packets of $kind"
	yes "$feature"
	on "$server" bpftool net detach xdpgeneric dev "$name"
	ip -n "$client" link del "$name"
	ip -n "$server" link del "$name"
}

for module in ipip ip_gre ip6_gre sit ip6_tunnel wireguard bonding 8021q; do
	modprobe "$module" 2>/dev/null || true
done
for side in "$client client0 1" "$server server0 2"; do
	# shellcheck disable=SC2086
	set -- $side
	on "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 "net.ipv6.conf.$2.disable_ipv6=0" net.ipv6.conf.default.disable_ipv6=0
	ip -n "$1" addr add "fd09::$3/64" dev "$2" nodad
done
both t0 ipip local L remote R
tunnel ipip t0 "hook on an IP-in-IP tunnel"
both t0 gre local L remote R
tunnel gre t0 "hook on a GRE tunnel"
both t0 sit local L remote R
tunnel sit t0 "hook on a sit tunnel"
both t0 ip6tnl local L6 remote R6 mode any
tunnel ip6tnl t0 "hook on an IPv6 tunnel"
both t0 ip6gre local L6 remote R6
tunnel ip6gre t0 "hook on a GRE tunnel over IPv6"
if command -v wg >/dev/null; then
	umask 077
	for side in client server; do
		wg genkey >"$HOME/$side.key"
	done
	for side in "$client client server 10.9.0.2 1" "$server server client 10.9.0.1 2"; do
		# shellcheck disable=SC2086
		set -- $side
		ip -n "$1" link add t0 type wireguard
		on "$1" wg set t0 private-key "$HOME/$2.key" listen-port 5555 peer "$(wg pubkey <"$HOME/$3.key")" \
			endpoint "$4:5555" allowed-ips 0.0.0.0/0
		tunnel_up "$1" t0 "$5"
	done
	tunnel wireguard t0 "hook on a WireGuard tunnel"
fi

# The native program of a bond runs on its ports, and the packets are theirs.
ip -n "$server" link set server1 down
ip -n "$server" link add bond0 type bond mode active-backup miimon 10
ip -n "$server" addr flush dev server0
ip -n "$server" link set server0 down
ip -n "$server" link set server0 master bond0
ip -n "$server" link set bond0 up
ip -n "$server" addr add 10.9.0.2/24 dev bond0
bond_seen()
{
	send --count 1 1001 >/dev/null
	[ -s "$file" ] && [ "$(blocks "$file" EPB time 2>/dev/null | wc -l)" -ge 2 ]
}
if on "$server" bpftool net attach xdpdrv pinned $pin dev bond0 2>/dev/null; then
	check_equal "devices of a bond" "bond0 server0" "$(xdpshark list --json | python3 -c 'import json, sys
print(*[d["name"] for h in json.load(sys.stdin) if h["source"] == "xdp" for d in h["devices"]])')"
	ip -n "$client" neigh replace 10.9.0.2 lladdr "$(device_address "$server" bond0)" dev client0
	capture_launch "$hook" -w "$file" -a drop
	capture_wait 1
	wait_for 60 bond_seen || fail "nothing comes over the bond"
	capture_end
	check_equal "device of packets over a bond" server0 "$(tshark -r "$file" -T fields -e xdp.interface 2>/dev/null | sort -u)"
	yes "ports of a bond"
	rm -f "$file"
	xdpshark capture "xdp-prog:$server:bond0" -v --at exit -a drop -w "$file" 2>"$HOME/errors" &
	capture=$!
	wait_for 60 grep -q apturing "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
	wait_for 60 bond_seen || fail "nothing comes through the program on the bond: $(cat "$HOME/errors")"
	kill "$capture"
	wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
	check_equal "device of packets of the bond's program" server0 "$(tshark -r "$file" -T fields -e xdp.interface 2>/dev/null | sort -u)"
	yes "program on a bond, without a hook"
	on "$server" bpftool net detach xdpdrv dev bond0
else
	no "ports of a bond" "the kernel has no native programs on bonds (5.15)"
	no "program on a bond, without a hook" "the kernel has no native programs on bonds (5.15)"
fi
ip -n "$server" link del bond0
ip -n "$server" link set server0 up

# Tags that the sender hands over beside the packet are not there at XDP; what the line says brings them back.
ip -n "$client" link add link client0 name vlan0 type vlan id 5
ip -n "$client" addr add 10.5.0.1/24 dev vlan0
ip -n "$client" link set vlan0 up
ip -n "$client" neigh add 10.5.0.2 lladdr "$(device_address "$server" server0)" dev vlan0
on "$server" bpftool net attach xdpdrv pinned $pin dev server0
tagged()
{
	capture_launch "$hook" -w "$file" "$1"
	capture_wait
	on "$client" "$tests/capture/send.py" --address 10.5.0.2 --count 3 1002 >/dev/null
	send --count 1 1003 >/dev/null
	kill $capture
	wait $capture || fail "$(cat "$HOME/errors")"
	packets
}
on "$client" ethtool -K client0 txvlan on
on "$server" ethtool -K server0 rxvlan on
check_equal "tagged packets with tags taken off" 0 "$(tagged "vlan 5 and udp port 1002")"
grep -q "ethtool -K server0 rxvlan off; and for a veth on its peer: ethtool -K PEER txvlan off" "$HOME/errors" || fail "no line"
on "$server" ethtool -K server0 rxvlan off
on "$client" ethtool -K client0 txvlan off
check_equal "tagged packets" 3 "$(tagged "vlan 5 and udp port 1002")"
check_equal "lines about tags" "" "$(cat "$HOME/errors")"
yes "VLAN tags taken off are told"
