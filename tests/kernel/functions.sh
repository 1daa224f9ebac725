#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# functions.sh: packets are captured at tracepoints and functions of the kernel that have one among their arguments, by
# name, by pattern and by the sets that have names. What the kernel does not let be watched is left out, with a line.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
drops_world

# points: where the packets were seen, each once.
points()
{
	tshark -r "$file" -T fields -e frame.comment 2>/dev/null | sed 's/^skb at=\([^ ]*\).*/\1/' | sort -u | paste -sd ' '
}

place=netif_receive_skb
begin "$server" 'udp port 1'
send port=1
send port=2
end
check_equal "a tracepoint" "netif_receive_skb|kernel:netif_receive_skb|1" "$(points)|$(blocks "$file" IDB name)|$(blocks "$file" EPB comment | wc -l)"
blocks "$file" EPB comment | grep -q ' if=server0 .* function=netif_receive_skb' || fail "$(blocks "$file" EPB comment)"

place='net_dev_[queue],net_dev_*queue'
check_refusal 1 "xdpshark: kernel:$place: that is no name of a function: 'xdpshark list --kernel' shows what there is besides" \
	xdpshark capture "kernel:$place" -w "$HOME/no"
place='net_dev_queue,net_dev_start_xmi?'
begin "$client" 'udp port 1'
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/1'
end
check_equal "two of them" "net_dev_queue net_dev_start_xmit" "$(points)"
check_equal "interfaces: the whole, which has the counts, and each that has seen a packet" \
	"kernel:$place kernel:net_dev_queue kernel:net_dev_start_xmit|+ - -|1 2" \
	"$(blocks "$file" IDB name | paste -sd ' ')|$(blocks "$file" ISB received | sed 's/[0-9][0-9]*/+/' | paste -sd ' ')|$(blocks "$file" EPB interface | sort -u | paste -sd ' ')"
place='net_dev_queue,netif_rece?ve_skb'
begin "$client" 'udp port 1'
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/1'
end
check_equal "none for one that has seen nothing" "kernel:$place kernel:net_dev_queue" "$(blocks "$file" IDB name | paste -sd ' ')"

# Where functions can be watched they are, else that is said.
place=ingress
begin "$server" 'udp port 1'
send port=1
end
if xdpshark doctor | grep -q '^yes *programs that watch others'; then
	for function in netif_receive_skb ip_rcv; do
		grep -qw "$function" <<<"$(points)" || fail "not at $function: $(points): $(cat "$HOME/errors")"
	done
	tshark -r "$file" -Y 'frame.comment contains "at=ip_rcv "' -T fields -e udp.dstport 2>/dev/null | grep -qx 1 || fail "no frame at ip_rcv"
	place='ip_rc*'
	begin "$server" 'udp port 1'
	send port=1
	end
	grep -qw ip_rcv <<<"$(points)" || fail "a pattern: $(points): $(cat "$HOME/errors")"
	# One that gets a pointer to the packet's pointer, and has another name in the code.
	place=__netif_receive_skb_core
	begin "$server" 'udp port 1'
	send port=1
	end
	check_equal "a function that fentry does not know" "$place" "$(points)"
	if [ -e /sys/kernel/btf/veth ]; then
		place=veth_xmit
		check_equal "a module's function, listed" "kernel:veth_xmit      Packets in the kernel at veth_xmit" "$(xdpshark list --kernel 'veth_xmi*')"
		begin "$client" 'udp port 1'
		on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/1'
		end
		check_equal "a module's function" "$place" "$(points)"
	fi
else
	grep -qw netif_receive_skb <<<"$(points)" || fail "not at the tracepoint: $(points)"
	check_equal "functions that are left out" 3 "$(grep -c '^xdpshark: kernel:[a-z0-9_]* is left out: this kernel' "$HOME/errors")"
	grep -q '^xdpshark: kernel:ingress: [0-9]* others are left out' "$HOME/errors" || fail "$(cat "$HOME/errors")"
	check_run 1 xdpshark capture kernel:ip_rcv -w "$HOME/no"
	grep -q "^xdpshark: kernel:ip_rcv cannot be captured: this kernel " "$HOME/stderr" || fail "$(cat "$HOME/stderr")"
fi

check_refusal 1 "xdpshark: kernel:nothing: there is no function or tracepoint of that name with a packet (struct sk_buff) among its first 5 arguments: 'xdpshark list --kernel' shows what there is besides" \
	xdpshark capture kernel:nothing -w "$HOME/no"
