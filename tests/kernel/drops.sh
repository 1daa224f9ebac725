#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drops.sh OBJECT: packets that the kernel drops are captured with the reason that it gives and the device: one for each
# of the common ones, and nothing else. On kernels without a reason, or with fewer of them, they are captured all the same.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
object=$1
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world

# check_drops PORT DEVICE REASON...: of the packets to that port, the reason is one of these, as far as the kernel knows
# them: earlier kernels gave none (NOT_SPECIFIED) in more and more places.
check_drops()
{
	local port=$1 device=$2 reason found
	shift 2
	found=$(comments "udp.dstport == $port" | sort -u)
	[ -n "$found" ] || fail "port $port: not captured: $(comments)"
	grep -q " if=$device " <<<"$found " || fail "port $port: not of $device: $found"
	knows NOT_SPECIFIED || return 0
	for reason in "$@"; do
		if knows "$reason" && grep -q "^skb at=drops reason=$reason " <<<"$found"; then
			return 0
		fi
	done
	[ -z "${REASONS_NEEDED:-}" ] && [ "$(uname -r | cut -d. -f1)" -lt 6 ] && return 0
	fail "port $port: none of $*: $found"
}

begin "$server" udp
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
end

check_drops 1 server0 NO_SOCKET
check_drops 2 server0 IP_CSUM
check_drops 3 server0 UDP_CSUM
check_drops 4 server0 IP_INHDR NOT_SPECIFIED
check_drops 5 server0 IP_RPFILTER NOT_SPECIFIED
check_drops 6 server0 IP_LOCALNET IP_RPFILTER IP_INVALID_SOURCE NOT_SPECIFIED
check_drops 7 server0 PKT_TOO_BIG NOT_SPECIFIED
check_drops 8 server0 NETFILTER_DROP NOT_SPECIFIED
[ -e "$HOME/no_classifier" ] && echo "(no classifier here)" || check_drops 9 server0 TC_INGRESS NOT_SPECIFIED
check_drops 10 server0 SOCKET_RCVBUFF PROTO_MEM
check_equal "what else was captured" "" "$(comments 'not (udp.dstport >= 1 and udp.dstport <= 10)')"
if tells_context; then
	! comments | grep -v ' context=softirq' | grep -v ' process=' || fail "neither a process nor an interrupt"
else
	! comments | grep ' context=\| process=' || fail "a process or an interrupt"
fi
comments 'udp.dstport == 8' | grep -q 'function=nf_\|function=nft_\|function=ip_' || fail "no function: $(comments 'udp.dstport == 8')"

# On the way out it is a process's work: a full queue, and a classifier.
tc -n "$client" qdisc add dev client0 root handle 1: tbf rate 8kbit burst 1600 limit 1700
begin "$client" udp
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
check_drops 11 client0 QDISC_DROP QDISC_OVERLIMIT
! tells_context || comments "udp.dstport == 11" | grep -q " process=python3" || fail "no process: $(comments)"
