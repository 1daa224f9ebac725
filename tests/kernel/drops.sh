#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drops.sh OBJECT: packets that the kernel drops are captured with the reason that it gives and the device: one for each
# of the common ones, and nothing else. On kernels without a reason, or with fewer of them, they are captured all the same.
# Prints a line for each, see check_drops().
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
object=$1
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world

# What lies in their way.
ip -n "$server" link set server1 mtu 1000
drop "$server" input 8
tc -n "$server" qdisc add dev server0 clsact
tc -n "$server" filter add dev server0 ingress bpf direct-action object-file "$object" section classifier 2>/dev/null ||
	touch "$HOME/no_classifier"
world_attach "$example"
# What is longer than the socket's buffer.
nsenter --net="/run/netns/$server" -- "$python3" -c '
import signal, socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
receiver.bind(("10.9.0.2", 10))
print("ready", flush=True)
signal.pause()' >"$HOME/receiver" &
receiver=$!
wait_for 20 grep -q ready "$HOME/receiver" || fail "no receiver"

begin "$server" 'udp or tcp'
send port=1 , port=2 ip_sum=1 , port=3 udp_sum=1 , port=4 ttl=1 target=10.8.0.2 , port=5 source=10.77.0.1 , port=6 source=127.0.0.5 , \
	port=7 size=1200 df=1 target=10.8.0.2 , port=8 , port=9 , port=10 size=1200 count=20 , port=12 tcp=1 , port=13 tcp=1 udp_sum=1 , \
	port=14 target=10.50.0.1 , port=15 to=02:00:00:00:00:77 , port=1001
end
kill "$receiver"

check_drops "nobody listens on the UDP port" udp:1 server0 NO_SOCKET
check_drops "nobody listens on the TCP port" tcp:12 server0 NO_SOCKET
check_drops "a wrong checksum of IP" udp:2 server0 IP_CSUM
check_drops "a wrong checksum of UDP" udp:3 server0 UDP_CSUM
check_drops "a wrong checksum of TCP" tcp:13 server0 TCP_CSUM
check_drops "the time to live ended" udp:4 server0 IP_INHDR
check_drops "the way back leads elsewhere (rp_filter)" udp:5 server0 IP_RPFILTER
check_drops "an address that cannot come from outside" udp:6 server0 IP_LOCALNET IP_RPFILTER IP_INVALID_SOURCE
check_drops "no route" udp:14 server0 IP_INNOROUTES
check_drops "larger than the MTU" udp:7 server0 PKT_TOO_BIG
check_drops "an nftables rule" udp:8 server0 NETFILTER_DROP
[ -e "$HOME/no_classifier" ] && echo "(no classifier here)" || check_drops "a classifier, on the way in" udp:9 server0 TC_INGRESS
check_drops "the socket's buffer is full" udp:10 server0 SOCKET_RCVBUFF PROTO_MEM
check_drops "for another host" udp:15 server0 OTHERHOST
check_drops "an XDP program" udp:1001 server0 NOT_SPECIFIED XDP
check_equal "what else was captured" "" "$(grep -vE '^(udp:([1-9]|1[0-5]|1001)|tcp:1[23]) ' "$HOME/found")"
if tells_context; then
	! grep -v ' context=softirq' "$HOME/found" | grep -v ' process=' || fail "neither a process nor an interrupt"
else
	! grep ' context=\| process=' "$HOME/found" || fail "a process or an interrupt"
fi
grep -q '^udp:8 .*function=\(nf_\|nft_\|ip_\)' "$HOME/found" || fail "no function: $(grep '^udp:8 ' "$HOME/found")"

# On the way out it is a process's work: a classifier, and a full queue.
tc -n "$client" qdisc add dev client0 clsact
tc -n "$client" filter add dev client0 egress bpf direct-action object-file "$object" section classifier 2>/dev/null || true
begin "$client" udp
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/9' 2>/dev/null || true
tc -n "$client" qdisc del dev client0 clsact
tc -n "$client" qdisc add dev client0 root handle 1: tbf rate 8kbit burst 1600 limit 1700
on "$client" "$python3" -c '
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(8):
    try:
        sender.sendto(b"." * 1200, ("10.9.0.2", 11))
    except OSError:
        pass'
wait_for 20 queue_is_full "$client" client0 || fail "the queue is not full"
end
[ -e "$HOME/no_classifier" ] || check_drops "a classifier, on the way out" udp:9 client0 TC_EGRESS
check_drops "the queue of the device is full" udp:11 client0 QDISC_DROP QDISC_OVERLIMIT
! tells_context || grep -q '^udp:11 .* process=python3' "$HOME/found" || fail "no process: $(cat "$HOME/found")"
