#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# journey.sh OBJECT: with --track a packet that matched once is captured until it is freed, whatever becomes of it, with
# one number: through address translation and tags, clones, and where it is dropped. Another packet at the same address
# has another number, or is not captured. What more than fit into the table are lost is said.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world

# field NAME [FILTER]: of the packets, without the plugin, since tests with sanitizers have none: from their comments.
field()
{
	comments "${2:-}" | sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

# ways [FILTER]: the points of each journey, a line each, with the ports of the packets there.
ways()
{
	tshark -r "$file" ${1:+-Y "$1"} -T fields -e frame.comment -e udp.dstport 2>/dev/null |
		sed 's/^skb at=\([^ ]*\).* journey=\([0-9]*\)[^\t]*\t\(.*\)/\2 \1:\3/' |
		awk '{ if (!($1 in way)) order[++count] = $1; way[$1] = way[$1] (way[$1] ? " " : "") $2 }
			END { for (i = 1; i <= count; i++) print way[order[i]] }'
}

# Address translation, and what is dropped behind it. Ports 31 and 33 become 32 and 34.
on "$server" nft "add table ip way
add chain ip way pre { type nat hook prerouting priority -100; }
add rule ip way pre udp dport 31 dnat to 10.8.0.2:32
add rule ip way pre udp dport 33 dnat to 10.8.0.2:34
add chain ip way forward { type filter hook forward priority 0; }
add rule ip way forward udp dport 34 drop"
place='netif_receive_skb,net_dev_queue,net_dev_start_xmit,drops'
begin "$server" --track 'udp dst port 31 or udp dst port 33'
send port=31
send port=2
send port=32
send port=33
end
check_equal "the ways" "netif_receive_skb:31 net_dev_queue:32 net_dev_start_xmit:32
netif_receive_skb:33 drops:34" "$(ways)"
check_equal "whose journeys they are, said of all interfaces" 1 "$(blocks "$file" IDB description | sed 's/.* track=\([0-9a-f]\{8\}\)$/\1/' | sort -u | wc -l)"
check_equal "of what is dropped" "drops" "$(tshark -r "$file" -T fields -e frame.comment 2>/dev/null | sed -n 's/^skb at=\(drops\) .*/\1/p')"
begin "$server" 'udp dst port 31 or udp dst port 33'
send port=31
end
check_equal "without --track" "netif_receive_skb" "$(comments | sed 's/^skb at=\([^ ]*\).*/\1/')"
check_equal "a number without --track" "" "$(field journey)"

# A set of points together with what is dropped; each packet in its turn, though an address is used again at once.
place=ingress,drops
begin "$server" --track 'udp dst port 1'
for _ in 1 2 3; do
	send port=1 count=50
	send port=2 count=20
done
end
grep -q 'journey=' <<<"$(comments)" || fail "no journeys: $(comments)"
check_equal "what does not match" "" "$(tshark -r "$file" -Y 'udp.dstport == 2' 2>/dev/null)"
check_equal "journeys" 150 "$(field journey | sort -u | wc -l)"
check_equal "at netif_receive_skb" 150 "$(grep -c 'at=netif_receive_skb ' <<<"$(comments)")"
check_equal "dropped" 150 "$(grep -c 'at=drops ' <<<"$(comments)")"
check_equal "ends" "150 drops" "$(comments | sed 's/skb at=\([^ ]*\).* journey=\([0-9]*\).*/\2 \1/' |
	awk '{ last[$1] = $2 } END { for (i in last) print last[i] }' | sort | uniq -c | sed 's/^ *//')"

# What TCP has read it frees without a word.
place=netif_receive_skb
begin "$server" --track 'tcp dst port 35'
nsenter --net="/run/netns/$server" -- "$python3" -c '
import socket
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("10.9.0.2", 35))
server.listen()
print("ready", flush=True)
client, _ = server.accept()
while client.recv(100):
    client.send(b".")' >"$HOME/receiver" &
receiver=$!
wait_for 20 grep -sq ready "$HOME/receiver" || fail "no receiver"
on "$client" "$python3" -c '
import socket
client = socket.create_connection(("10.9.0.2", 35))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _ in range(100):
    client.send(b"." * 100)
    client.recv(1)'
wait "$receiver"
end
[ "$(field journey | wc -l)" -gt 100 ] || fail "too few: $(comments)"
# The client's packet comes here as a clone: what it sends again is the same packet.
check_equal "packets with the number of another one" "" "$(tshark -r "$file" -T fields -e tcp.seq -e tcp.len -e tcp.flags -e frame.comment 2>/dev/null |
	sed 's/\tskb .* journey=\([0-9]*\).*/ \1/' | sort -u | awk '{ print $NF }' | sort | uniq -d)"

# A clone, for somebody who watches: it has the number of the packet.
place=netif_receive_skb,skb_copy_datagram_iovec
nsenter --net="/run/netns/$server" -- "$python3" -c '
import socket
watcher = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x800))
watcher.bind(("server0", 0))
watcher.setblocking(True)
print("ready", flush=True)
while b"36..." not in watcher.recv(2000):
    pass' >"$HOME/watcher" &
watcher=$!
wait_for 20 grep -sq ready "$HOME/watcher" || fail "no watcher"
begin "$server" --track 'udp dst port 36'
send port=36
wait "$watcher"
end
check_equal "a clone" "netif_receive_skb:36 skb_copy_datagram_iovec:36" "$(ways)"

# A copy, where functions can be watched: else it is a packet of its own.
place=netif_receive_skb,net_dev_queue
if on "$server" nft 'add rule ip way pre udp dport 38 dup to 10.8.0.2 device server1' 2>"$HOME/no_copies"; then
	begin "$server" --track 'udp dst port 38'
	send port=38
	end
	count=1
	! grep -q "copies and parts of packets are not followed" "$HOME/errors" || count=2
	check_equal "a copy" "$count netif_receive_skb:38 net_dev_queue:38" "$(field journey | sort -u | wc -l) $(ways | paste -sd ' ')"
	echo "(journeys of a packet and its copy: $count)"
else
	echo "(no copies are made here: $(cat "$HOME/no_copies"))"
fi

# More packets in a queue than are followed at a time.
nsenter --net="/run/netns/$server" -- "$python3" -c '
import signal, socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, 33, 1 << 29)  # SO_RCVBUFFORCE
receiver.bind(("10.9.0.2", 37))
print("ready", flush=True)
signal.pause()' >"$HOME/queue" &
receiver=$!
wait_for 20 grep -sq ready "$HOME/queue" || fail "no receiver"
place=netif_receive_skb
begin "$server" --track --rate 1000000 -s 64 'udp dst port 37'
send port=37 count=24000
end
kill "$receiver"
grep -q '^xdpshark: --track: [0-9]* of 24000 packets were followed no further, since more than 16384 were on their way: let the filter match fewer$' \
	"$HOME/errors" || fail "what is lost is not said: $(cat "$HOME/errors")"
