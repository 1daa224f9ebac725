#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# journey_parts.sh OBJECT: with --track the parts of a packet (segments, fragments) are on its journey, where functions
# can be watched; and that of a packet which GRO has joined to another one is over.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
command -v ethtool >/dev/null || { echo "SKIP: needs ethtool"; exit 77; }
drops_world

# ways: the points of each journey, a line each.
ways()
{
	comments | sed 's/^skb at=\([^ ]*\).* journey=\([0-9]*\).*/\2 \1/' |
		awk '{ if (!($1 in way)) order[++count] = $1; way[$1] = way[$1] (way[$1] ? " " : "") $2 }
			END { for (i = 1; i <= count; i++) print way[order[i]] }'
}

# way POINT COUNT: that of a packet which was whole there, and had so many parts where it left.
way()
{
	echo "$1$(printf '%.0s net_dev_start_xmit' $(seq "$2"))"
}

# check_ways WHAT WAY...: the journeys that there must be; where parts are not followed, those that match are packets of
# their own.
check_ways()
{
	local what=$1
	shift
	if grep -q "copies and parts of packets are not followed" "$HOME/errors"; then
		echo "(not followed here: $what: $(ways | wc -l) journeys)"
		return
	fi
	! grep "is not followed" "$HOME/errors" || fail "not all is followed"
	check_equal "$what" "$(printf '%s\n' "$@")" "$(ways | uniq)"
}

# talk ADDRESS PORT SIZE [MTU]: a UDP packet from the client; with MTU, which its device gets when the packet has been put
# together, and has no longer afterwards.
talk()
{
	on "$client" "$python3" - "$@" <<-'END'
		import socket, subprocess, sys
		address, port, size, *mtu = sys.argv[1:]
		sender = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
		sender.connect((address, int(port)))
		sender.send(b"." * (int(size) - 1), socket.MSG_MORE)
		for one in mtu:
		    subprocess.run(["ip", "link", "set", "client0", "mtu", one], check=True)
		sender.send(b".")
		subprocess.run(["ip", "link", "set", "client0", "mtu", "1500"], check=True)
	END
}

# What the socket leaves to the device to part, and this does not do.
on "$client" ethtool -K client0 tx-udp-segmentation off
place=net_dev_queue,net_dev_start_xmit
begin "$client" --track 'udp dst port 41'
on "$client" "$python3" -c '
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_UDP, 103, 100)  # UDP_SEGMENT
sender.sendto(b"." * 500, ("10.9.0.2", 41))'
end
check_equal "all of them are seen" "1 5" "$(grep -c 'at=net_dev_queue ' <<<"$(comments)") $(grep -c 'at=net_dev_start_xmit ' <<<"$(comments)")"
check_ways "segments" "$(way net_dev_queue 5)"

# Fragments on the way.
ip -n "$server" link set server1 mtu 576
place=netif_receive_skb,net_dev_start_xmit
begin "$server" --track 'udp dst port 42'
send target=10.8.0.2 port=42 size=1400
end
check_ways "fragments of what is forwarded" "$(way netif_receive_skb 3)"

# Fragments that a socket makes: they are there already, or do not fit any more and are made anew.
ip -n "$client" -6 addr flush dev client0 2>/dev/null || true
on "$client" sysctl -qw net.ipv6.conf.client0.disable_ipv6=0
ip -n "$client" addr add fd00::1/64 dev client0 nodad
ip -n "$client" neigh add fd00::2 lladdr "$to" dev client0
place=ip_output,ip6_output,net_dev_start_xmit
begin "$client" --track 'udp dst port 43'
for address in 10.9.0.2 fd00::2; do
	talk $address 43 4000
	talk $address 43 4000 1300
done
end
check_ways "fragments of what is sent" "$(way ip_output 3)" "$(way ip_output 4)" "$(way ip6_output 3)" "$(way ip6_output 4)"

# More parts than are followed.
ip -n "$client" link set client0 mtu 400
begin "$client" --track 'udp dst port 44'
talk 10.9.0.2 44 60000
end
check_ways "more parts than are followed" "$(way ip_output 129)"
grep -q "parts of packets are not followed" "$HOME/errors" ||
	grep -qx 'xdpshark: --track: of 1 packets only the first 128 parts were followed' "$HOME/errors" ||
	fail "what is not followed is not said: $(cat "$HOME/errors")"

# What GRO has joined to another packet is put aside for the next one. Where it may not be put aside, in 5.10, the kernel
# counts the socket of a tun device wrongly, and warns.
[ "$(uname -r | cut -d. -f1)" -ge 6 ] || { echo "(no GRO of a tun device here)"; exit 0; }
tun=/dev/net/tun
if [ ! -c $tun ]; then
	# Where nobody makes it before it is used, opening it loads the module.
	tun=$HOME/tun
	mknod "$tun" c 10 200
fi
(: <>"$tun") 2>/dev/null || { echo "(no tun device here)"; exit 0; }
place=napi_gro_receive_entry,netif_receive_skb
begin "$server" --track 'tcp dst port 46'
# A file of the namespace's own /sys, and skbs of one CPU.
ip netns exec "$server" taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" "$python3" "$here/gro.py" "$tun" 46 300 47
end
check_equal "each of them comes" 300 "$(grep -c 'at=napi_gro_receive_entry ' <<<"$(comments 'tcp.dstport == 46')")"
joined=$(grep -c 'at=netif_receive_skb ' <<<"$(comments 'tcp.dstport == 46')") || true
[ "$joined" -lt 200 ] || fail "GRO does not join them: $joined"
check_equal "another packet on the journey of what has been joined" "" "$(comments 'tcp.dstport == 47')"
