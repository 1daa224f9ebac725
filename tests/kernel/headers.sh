#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# headers.sh: whatever headers a dropped packet has or lacks where it is dropped, the frame is the one that it would be
# on a wire, to the byte where there is one, and the filter sees it so.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world

# check_fields WHAT EXPECTED FILTER FIELD...: of the packets, each line once, with commas between the fields.
check_fields()
{
	local what=$1 expected=$2 filter=$3 field arguments=()
	shift 3
	for field; do
		arguments+=(-e "$field")
	done
	check_equal "$what" "$expected" "$(tshark -r "$file" -Y "$filter" -T fields -E separator=, "${arguments[@]}" 2>/dev/null | sort -u)"
}

# Frames of all sorts, as they were sent. Later on the kernel forgets tags for which there is no device.
on "$server" nft 'add table netdev drops; add chain netdev drops ingress { type filter hook ingress device server0 priority 0; policy drop; }'
begin "$server"
on "$client" "$python3" - "$to" "$from" <<'END' >"$HOME/sent"
import socket
import sys

link = b"".join(bytes.fromhex(address.replace(":", "")) for address in sys.argv[1:])
kinds = {
    "unknown": "88b5" + "55" * 60,
    "MPLS": "8847" + "00001140" + "4500001c" + "00" * 40,
    "a tag": "8100" + "0005" + "88b5" + "11" * 50,
    "two tags": "88a8" + "0006" + "8100" + "0007" + "88b5" + "22" * 50,
    "a tag, MPLS": "8100" + "0005" + "8847" + "00001140" + "33" * 50,
    "LLC": "0030" + "aaaa03" + "000000" + "88b5" + "44" * 40,
    "IPX": "8137" + "66" * 50,
    "three tags": "8100" + "0001" + "8100" + "0002" + "8100" + "0003" + "88b5" + "77" * 50,
}
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("client0", 0))
for kind in kinds.values():
    sender.send(link + bytes.fromhex(kind))
    print((link + bytes.fromhex(kind)).hex())
END
end
blocks "$file" EPB data >"$HOME/captured"
cmp "$HOME/sent" "$HOME/captured" || fail "other frames than were sent: $(diff "$HOME/sent" "$HOME/captured")"
! comments | grep made || fail "said to be made"
begin "$server" "vlan 6 and vlan 7"
on "$client" "$python3" - "$HOME/sent" <<'END'
import socket
import sys

sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("client0", 0))
for line in open(sys.argv[1]):
    sender.send(bytes.fromhex(line))
END
end
check_equal "a filter on two tags" "$(sed -n 4p "$HOME/sent")" "$(blocks "$file" EPB data)"
on "$server" nft 'delete table netdev drops'

# A header that nobody has announced as one yet.
on "$client" nft 'add table arp drops; add chain arp drops output { type filter hook output priority 0; policy drop; }'
is_sought()
{
	ip -n "$client" neigh show 10.9.0.55 | grep -q 'FAILED\|INCOMPLETE'
}
begin "$client" arp
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.55/1' 2>/dev/null || true
wait_for 20 is_sought || fail "nobody asks for 10.9.0.55"
end
check_fields "ARP on its way out" "ff:ff:ff:ff:ff:ff,$from,0x0806,10.9.0.55" arp eth.dst eth.src eth.type arp.dst.proto_ipv4
on "$client" nft 'delete table arp drops'

# On its way out with no header yet, the source is known.
on "$client" nft 'add table ip drops; add chain ip drops postrouting { type filter hook postrouting priority 0; }; add rule ip drops postrouting udp dport 31 drop'
drop "$client" output 32
begin "$client" "udp and ether src $from and dst host 10.9.0.2"
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/31; echo hello >/dev/udp/10.9.0.2/32' 2>/dev/null || true
end
check_fields "a made header" "00:00:00:00:00:00,$from,0x0800,31
00:00:00:00:00:00,$from,0x0800,32" udp eth.dst eth.src eth.type udp.dstport
check_equal "of its device" 2 "$(comments | grep -c ' if=client0 .* made=link')"

# Nobody answers for its address.
on "$client" sysctl -qw net.ipv4.neigh.client0.retrans_time_ms=10 net.ipv4.neigh.client0.mcast_solicit=1
begin "$client" 'udp port 33 and host 10.9.0.66'
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.66/33' 2>/dev/null || true
has_failed()
{
	ip -n "$client" neigh show 10.9.0.66 | grep -q FAILED
}
wait_for 20 has_failed || fail "10.9.0.66 does not fail"
end
check_drops "its neighbour does not answer" udp:33 client0 NEIGH_FAILED
check_fields "without a neighbour" "0x0800,10.9.0.1,33" udp eth.type ip.src udp.dstport

# What TCP cannot hand to IP, for the way is gone, has no IP header yet: the socket has the addresses.
on "$client" sysctl -qw net.ipv6.conf.all.disable_ipv6=0
on "$server" sysctl -qw net.ipv6.conf.all.disable_ipv6=0
ip -n "$client" addr add fd00::1/64 dev client0 nodad
ip -n "$server" addr add fd00::2/64 dev server0 nodad
ip -n "$client" neigh add fd00::2 lladdr "$to" dev client0
ip -n "$server" neigh add fd00::1 lladdr "$from" dev server0
nsenter --net="/run/netns/$server" -- "$python3" -c '
import signal, socket
listener = socket.create_server(("", 18080), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
signal.pause()' >"$HOME/listener" &
listener=$!
wait_for 20 grep -q ready "$HOME/listener" || fail "no listener"
begin "$client" 'tcp dst port 18080 and (host 10.9.0.2 or host fd00::2) and tcp[tcpflags] & tcp-push != 0 or ip6 and tcp'
on "$client" "$python3" - <<'END'
import os
import socket

four = socket.create_connection(("10.9.0.2", 18080))
mapped = socket.socket(socket.AF_INET6)
mapped.connect(("::ffff:10.9.0.2", 18080))
six = socket.create_connection(("fd00::2", 18080))
os.system("ip route del 10.9.0.0/24; ip -6 route flush fd00::/64")
for connection in four, mapped, six:
    try:
        connection.send(b"vanishes")
    except OSError:
        pass
END
end
check_drops "no route, from a socket" tcp:18080 "" IP_OUTNOROUTES
check_fields "TCP without a route" "0x0800,10.9.0.1,10.9.0.2,18080,60" "tcp && ip" eth.type ip.src ip.dst tcp.dstport ip.len
check_equal "from two sockets" yes "$([ "$(comments 'tcp && ip' | wc -l)" -ge 2 ] && echo yes)"
check_fields "TCP without a route, IPv6" "0x86dd,fd00::1,fd00::2,18080" "tcp && ipv6" eth.type ipv6.src ipv6.dst tcp.dstport
{ kill "$listener" && wait "$listener"; } 2>/dev/null || true
! comments | grep -v ' made=network' || fail "not said to be made: $(comments)"
ip -n "$client" route add 10.9.0.0/24 dev client0

# A device without Ethernet, behind the IP header: where nobody listens.
[ -c /dev/net/tun ] || exit 0
on "$server" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
for transport in udp tcp; do
	begin "$server" "$transport dst port 34 and src host 10.9.0.1"
	on "$server" "$python3" "$here/send.py" tun:plain0 source=10.9.0.1 target=10.9.0.2 port=34 "$([ $transport = udp ] || echo tcp=1)"
	end
	check_fields "without Ethernet, $transport" "0x0800,10.9.0.1,34" ip eth.type ip.src $transport.dstport
	comments | grep -q ' if=plain0 .* made=link' || fail "not said to be made: $(comments)"
done
