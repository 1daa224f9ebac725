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

begin "$server" 'udp or tcp'
send port=1
send port=2 ip_sum=1
send port=3 udp_sum=1
send port=4 ttl=1 target=10.8.0.2
send port=5 source=10.77.0.1
send port=6 source=127.0.0.5
ip -n "$server" link set server1 mtu 1000
send port=7 size=1200 df=1 target=10.8.0.2
drop "$server" input 8
send port=8
tc -n "$server" qdisc add dev server0 clsact
tc -n "$server" filter add dev server0 ingress bpf direct-action object-file "$object" section classifier 2>/dev/null ||
	touch "$HOME/no_classifier"
send port=9
# Longer than the socket's buffer.
nsenter --net="/run/netns/$server" -- "$python3" -c '
import signal, socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
receiver.bind(("10.9.0.2", 10))
print("ready", flush=True)
signal.pause()' >"$HOME/receiver" &
receiver=$!
wait_for 20 grep -q ready "$HOME/receiver" || fail "no receiver"
send port=10 size=1200 count=20
kill "$receiver"
send port=12 tcp=1
send port=13 tcp=1 udp_sum=1
send port=14 target=10.50.0.1
send port=15 to=02:00:00:00:00:77
world_attach "$example"
send port=1001
end

check_drops "nobody listens on the UDP port" udp.dstport==1 server0 NO_SOCKET
check_drops "nobody listens on the TCP port" tcp.dstport==12 server0 NO_SOCKET
check_drops "a wrong checksum of IP" udp.dstport==2 server0 IP_CSUM
check_drops "a wrong checksum of UDP" udp.dstport==3 server0 UDP_CSUM
check_drops "a wrong checksum of TCP" tcp.dstport==13 server0 TCP_CSUM
check_drops "the time to live ended" udp.dstport==4 server0 IP_INHDR
check_drops "the way back leads elsewhere (rp_filter)" udp.dstport==5 server0 IP_RPFILTER
check_drops "an address that cannot come from outside" udp.dstport==6 server0 IP_LOCALNET IP_RPFILTER IP_INVALID_SOURCE
check_drops "no route" udp.dstport==14 server0 IP_INNOROUTES
check_drops "larger than the MTU" udp.dstport==7 server0 PKT_TOO_BIG
check_drops "an nftables rule" udp.dstport==8 server0 NETFILTER_DROP
[ -e "$HOME/no_classifier" ] && echo "(no classifier here)" || check_drops "a classifier, on the way in" udp.dstport==9 server0 TC_INGRESS
check_drops "the socket's buffer is full" udp.dstport==10 server0 SOCKET_RCVBUFF PROTO_MEM
check_drops "for another host" udp.dstport==15 server0 OTHERHOST
check_drops "an XDP program" udp.dstport==1001 server0 NOT_SPECIFIED XDP
check_equal "what else was captured" "" \
	"$(comments 'not (udp.dstport >= 1 and udp.dstport <= 15 or udp.dstport == 1001 or tcp.dstport == 12 or tcp.dstport == 13)')"
if tells_context; then
	! comments | grep -v ' context=softirq' | grep -v ' process=' || fail "neither a process nor an interrupt"
else
	! comments | grep ' context=\| process=' || fail "a process or an interrupt"
fi
comments 'udp.dstport == 8' | grep -q 'function=nf_\|function=nft_\|function=ip_' || fail "no function: $(comments 'udp.dstport == 8')"

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
wait_for 20 grep -q . <(on "$client" tc -s qdisc show dev client0 | grep 'dropped [1-9]') || fail "the queue is not full"
end
[ -e "$HOME/no_classifier" ] || check_drops "a classifier, on the way out" udp.dstport==9 client0 TC_EGRESS
check_drops "the queue of the device is full" udp.dstport==11 client0 QDISC_DROP QDISC_OVERLIMIT
! tells_context || comments "udp.dstport == 11" | grep -q " process=python3" || fail "no process: $(comments)"
