#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tunnels.sh: packets in tunnels, of VLAN devices and bridges: the frame is the one that the device has that drops it, the
# inner or the outer one, wherever the kernel keeps the other.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world
on "$server" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.server0.rp_filter=0
on "$client" nft 'add table ip drops; add chain ip drops outer { type filter hook postrouting priority 0; }'
on "$server" nft 'add table ip drops; add chain ip drops postrouting { type filter hook postrouting priority 0; }; add rule ip drops postrouting udp dport 52 drop'

# talk ADDRESS PORT: a UDP packet from the client.
talk()
{
	on "$client" bash -c "echo hello >/dev/udp/$1/$2" 2>/dev/null || true
}

# check_fields WHAT EXPECTED FIELD...: of the packets, each line once, with commas between the fields.
check_fields()
{
	local what=$1 expected=$2 field arguments=()
	shift 2
	for field; do
		arguments+=(-e "$field")
	done
	check_equal "$what" "$expected" "$(tshark -r "$file" -T fields -E separator=, "${arguments[@]}" 2>/dev/null | sort -u)"
}

# tunnel_create KIND OPTION...: tunnel0 on both ends, 10.7.0.1 and 10.7.0.2. Fails if there is no such kind here.
tunnel_create()
{
	local kind=$1
	shift
	ip -n "$client" link add tunnel0 type "$kind" "$@" local 10.9.0.1 remote 10.9.0.2 2>/dev/null || { echo "(no $kind here)"; return 1; }
	ip -n "$server" link add tunnel0 type "$kind" "$@" local 10.9.0.2 remote 10.9.0.1
	ip -n "$client" addr add 10.7.0.1/24 dev tunnel0
	ip -n "$server" addr add 10.7.0.2/24 dev tunnel0
	ip -n "$client" link set tunnel0 up
	ip -n "$server" link set tunnel0 up
	ip -n "$client" route replace 10.8.0.0/24 via 10.7.0.2 dev tunnel0
}

tunnel_remove()
{
	ip -n "$client" link del tunnel0
	ip -n "$server" link del tunnel0
}

# devices PORT: of the packets to it, and whether their header is made.
devices()
{
	comments "udp.dstport == $1" | sed 's/.*\( if=[^ ]*\)\( .*\)\( made=.*\)/\1\3/; t; s/.*\( if=[^ ]*\) .*/\1 /' | sort -u
}

# check_tunnel KIND IPPROTO ETHERNET FILTER: what comes out of it, what is forwarded from it, and what goes in.
check_tunnel()
{
	local kind=$1 number=$2 link=$3 outer=$4 source
	# Neighbours do not answer at once, so that one packet more is sent before the others.
	talk 10.7.0.2 50
	begin "$server" 'udp port 50 or udp port 52'
	talk 10.7.0.2 50
	talk 10.8.0.2 52
	end
	check_equal "$kind: dropped behind it" " if=tunnel0 $link" "$(devices 50)"
	# With the Ethernet header of the way in, if there was one.
	check_equal "$kind: forwarded" " if=server1 $link" "$(devices 52)"
		if [ -z "$link" ]; then
		source=$(device_address "$client" tunnel0)
		check_fields "$kind" "0x0800,10.7.0.1,10.7.0.2,$source,50
0x0800,10.7.0.1,10.8.0.2,$source,52" eth.type ip.src ip.dst eth.src udp.dstport
	else
		check_fields "$kind" "0x0800,10.7.0.1,10.7.0.2,00:00:00:00:00:00,50
0x0800,10.7.0.1,10.8.0.2,$(device_address "$server" server1),52" eth.type ip.src ip.dst eth.src udp.dstport
	fi
	# On the way in it has an outer header.
	on "$client" nft "flush chain ip drops outer; add rule ip drops outer ip daddr 10.9.0.2 $outer drop"
	begin "$client" "host 10.9.0.2 and ip proto $number"
	talk 10.7.0.2 51
	end
	on "$client" nft "flush chain ip drops outer"
	comments | grep -q ' if=client0 .* made=link' || fail "$kind, outer: $(comments)"
	check_equal "$kind, outer" "0x0800,$number,$from" "$(tshark -r "$file" -T fields -E separator=, -E occurrence=f -e eth.type -e ip.proto -e eth.src 2>/dev/null | sort -u)"
	tshark -r "$file" -T fields -e udp.dstport 2>/dev/null | grep -q '\b51$' || fail "$kind: the inner packet is not in it"
}

# kind, protocol, options; what is said of the frame behind it; how it is told in nft
while read -r kind number link outer options; do
	# shellcheck disable=SC2086
	tunnel_create "$kind" $options || continue
	check_tunnel "$kind" "$number" "${link/-/}" "${outer//_/ }"
	tunnel_remove
done <<'END'
vxlan 17 - udp_dport_4789 id 7 dstport 4789
ipip 4 made=link ip_protocol_4
gre 47 made=link ip_protocol_47
gretap 47 - ip_protocol_47
sit 4 made=link ip_protocol_4 mode any
END

# A bridge: the frame as it came.
if ip -n "$server" link add bridge0 type bridge 2>/dev/null; then
	on "$server" nft 'add table bridge drops; add chain bridge drops forward { type filter hook forward priority 0; policy drop; }'
	ip -n "$server" link set server0 master bridge0
	ip -n "$server" link set server1 master bridge0
	ip -n "$server" link set bridge0 up
	begin "$server" 'udp port 53'
	send to=02:00:00:00:00:09 port=53
	end
	check_fields "a bridge" "02:00:00:00:00:09,$from,10.9.0.2,53" eth.dst eth.src ip.dst udp.dstport
	! comments | grep made || fail "a bridge: $(comments)"
	ip -n "$server" link del bridge0
else
	echo "(no bridge here)"
fi

# A VLAN device: on the way out of the real one the tag is put back.
if ip -n "$client" link add link client0 name vlan0 type vlan id 5 2>/dev/null; then
	ip -n "$client" addr add 10.6.0.1/24 dev vlan0
	ip -n "$client" link set vlan0 up
	ip -n "$client" neigh add 10.6.0.2 lladdr "$to" dev vlan0
	tc -n "$client" qdisc add dev client0 root handle 1: tbf rate 8kbit burst 1600 limit 1700
	begin "$client" 'vlan 5 and udp port 54'
	on "$client" "$python3" -c '
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(8):
    try:
        sender.sendto(b"." * 1200, ("10.6.0.2", 54))
    except OSError:
        pass'
	wait_for 20 queue_is_full "$client" client0 || fail "the queue is not full"
	end
	check_fields "a VLAN device" "$to,0x8100,5,54" eth.dst eth.type vlan.id udp.dstport
else
	echo "(no vlan here)"
fi
