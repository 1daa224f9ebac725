#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# examples.sh OBJECT SOCKET: a rule of iptables that drops pings is found by its reason and the calls that led there; and
# a packet that is sent by an AF_XDP socket, which tcpdump does not see, is seen.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
socket=$2
drops_world

echo "-- a rule"
if command -v iptables >/dev/null && on "$server" iptables -A INPUT -p icmp -j DROP 2>/dev/null; then
	:
elif command -v nft >/dev/null; then
	echo "(no iptables here: nft)"
	on "$server" nft 'add table ip drops; add chain ip drops input { type filter hook input priority 0; }; add rule ip drops input ip protocol icmp drop'
else
	echo "SKIP: needs iptables or nft"
	exit 77
fi
reason=()
! knows NETFILTER_DROP || reason=(--reason NETFILTER_DROP)
begin "$server" --stack "${reason[@]}" icmp
send port=1
on "$client" "$python3" - <<'END'
import socket
import struct

ping = struct.pack("!BBHHH", 8, 0, 0, 7, 1)
total = sum(struct.unpack("!4H", ping))
ping = ping[:2] + struct.pack("!H", ~((total & 0xffff) + (total >> 16)) & 0xffff) + ping[4:]
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(ping, ("10.9.0.2", 0))
END
end
found=$(blocks "$file" EPB comment)
check_equal "pings" "10.9.0.1	8" "$(tshark -r "$file" -T fields -e ip.src -e icmp.type 2>/dev/null)"
grep -q ' if=server0 ' <<<"$found" || fail "not of server0: $found"
! knows NETFILTER_DROP || grep -q '^skb at=drops reason=NETFILTER_DROP ' <<<"$found" || fail "another reason: $found"
grep -q ' stack=.*nf_hook_slow.*ip_local_deliver' <<<"$found" || fail "no calls: $found"

echo "-- AF_XDP"
command -v tcpdump >/dev/null || { echo "SKIP: needs tcpdump"; exit 77; }
on "$client" bpftool net detach xdp dev client0
mkfifo "$HOME/orders" "$HOME/answers"
on "$client" "$socket" client0 <"$HOME/orders" >"$HOME/answers" 2>"$HOME/socket.log" &
exec 7>"$HOME/orders" 8<"$HOME/answers"
read -r -t 60 _ <&8 || { echo "SKIP: no AF_XDP: $(cat "$HOME/socket.log")"; exit 77; }
nsenter --net="/run/netns/$client" -- tcpdump -U -i client0 -w "$HOME/tcpdump" 'ether proto 0x88b5' 2>"$HOME/tcpdump.log" &
tcpdump=$!
wait_for 20 grep -q "listening on" "$HOME/tcpdump.log" || fail "$(cat "$HOME/tcpdump.log")"

# A frame of 100 bytes by the AF_XDP socket, one of 60 by an ordinary one, which tcpdump sees when it has seen all.
send_both()
{
	local answer
	echo "send 5 100" >&7
	read -r -t 60 answer <&8 || fail "no answer: $(cat "$HOME/socket.log")"
	on "$client" "$python3" -c '
import socket
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("client0", 0))
sender.send(bytes.fromhex("0200000000010200000000" + "0288b5" + "00" * 46))'
}
tcpdump_has_seen()
{
	[ "$(tcpdump -r "$HOME/tcpdump" 2>/dev/null | wc -l)" -ge "$1" ]
}

# Where it ends.
begin "$server" 'ether proto 0x88b5'
send_both
end
check_equal "seen where they are dropped" "100 60" "$(blocks "$file" EPB wire | paste -sd ' ')"
wait_for 20 tcpdump_has_seen 1 || fail "tcpdump sees nothing"

# Where it begins.
seen=1
if xdpshark doctor | grep -q '^yes *programs that watch others'; then
	place=__dev_direct_xmit
	begin "$client" 'ether proto 0x88b5'
	send_both
	end
	check_equal "seen where it is sent" 100 "$(blocks "$file" EPB wire)"
	comments | grep -q ' if=client0 .*function=__dev_direct_xmit' || fail "$(comments)"
	! comments | grep made || fail "said to be made: $(comments)"
	! tells_context || comments | grep -q 'process=xsk_socket' || fail "no process: $(comments)"
	wait_for 20 tcpdump_has_seen 2 || fail "tcpdump sees nothing"
	seen=2
fi
kill "$tcpdump"
wait "$tcpdump" || true
check_equal "what tcpdump has seen" "$(for ((i = 0; i < seen; i++)); do echo "length 60"; done)" \
	"$(tcpdump -r "$HOME/tcpdump" 2>/dev/null | grep -o 'length [0-9]*')"
