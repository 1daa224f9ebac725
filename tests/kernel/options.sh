#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# options.sh: what is wanted of the dropped packets is judged in the kernel: reason, device, mark, process, namespace. What
# is not to be had is refused; a rate limits what is captured unless another one is given; a capture that is killed leaves
# nothing.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world
drop "$server" input 8
drop "$client" output 21
on "$server" nft 'add rule ip drops input udp dport 24-25 meta mark set 0x1f15; add rule ip drops input udp dport 26 meta mark set 0x1f25'
on "$server" nft 'add rule ip drops input udp dport 24-26 drop'

# check_ports WHAT PORTS: of the packets that were captured.
check_ports()
{
	check_equal "$1" "$2" "$(tshark -r "$file" -T fields -e udp.dstport 2>/dev/null | sort -un | paste -sd ' ')"
}

if knows NETFILTER_DROP; then
	begin "$server" --reason netfilter_drop,SKB_DROP_REASON_UDP_CSUM
	send port=1
	send port=3 udp_sum=1
	send port=8
	end
	check_ports "by reason" "3 8"
fi

begin "$server" --device lo
send port=1
on "$server" bash -c 'echo hello >/dev/udp/127.0.0.1/2'
end
check_ports "by device" 2
comments | grep -q ' if=lo' || fail "not of lo: $(comments)"

begin "$server" --mark 0x0010/0xf0
send port=1
send port=24
send port=26
end
check_ports "by mark" 24
comments | grep -q ' mark=0x1f15' || fail "no mark: $(comments)"
begin "$server" --mark 7973
send port=24
send port=26
end
check_ports "by a whole mark" 26

if tells_context; then
	cp "$(command -v bash)" "$HOME/talker"
	begin "$client" --process talker
	on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/21' 2>/dev/null || true
	on "$client" "$HOME/talker" -c 'echo hello >/dev/udp/10.9.0.2/21' 2>/dev/null || true
	end
	check_equal "by a process's name" "skb at=drops reason=NETFILTER_DROP function=x process=talker made=link" \
		"$(comments | sed 's/reason=NOT_SPECIFIED/reason=NETFILTER_DROP/; s/ netns=[^ ]*//; s/ if=[^ ]*//; s/function=[^ ]*/function=x/')"

	# Two processes wait until they may send; one of them is wanted.
	mkfifo "$HOME/go1" "$HOME/go2"
	for number in 1 2; do
		nsenter --net="/run/netns/$client" -- bash -c "read -r <$HOME/go$number; echo $number >/dev/udp/10.9.0.2/21" 2>/dev/null &
		talkers[number]=$!
	done
	begin "$client" --process "${talkers[2]}"
	echo >"$HOME/go1"
	echo >"$HOME/go2"
	wait "${talkers[@]}" 2>/dev/null || true
	end
	check_equal "by a process's number" "${talkers[2]}" "$(tshark -r "$file" -T fields -e frame.comment 2>/dev/null | sed 's/.* pid=\([0-9]*\).*/\1/')"
fi

# The calls that led there.
begin "$server" --stack 'udp port 1'
send port=1
end
tshark -r "$file" -T fields -e frame.comment 2>/dev/null | grep -q ' stack=[a-z0-9_.+,]*_*udp[a-z0-9_]*rcv+0x[0-9a-f]*,[a-z0-9_.+,]*net_rx_action+0x' ||
	[ "$(uname -r | cut -d. -f1)" -lt 6 ] || fail "no calls: $(comments)"
! tshark -r "$file" -T fields -e frame.comment 2>/dev/null | grep 'stack=[^ ]*bpf_' || fail "our own program is among the calls"

# The rate limit, and that it is said.
begin "$server" 'udp port 1'
end
check_equal "the limit" "limited: at most 10000 packets a second on each CPU" "$(blocks "$file" IDB comment)"
begin "$server" --rate 5 'udp port 1'
send port=1 count=300
end
check_equal "another limit" "limited: at most 5 packets a second on each CPU" "$(blocks "$file" IDB comment)"
[ "$(comments | wc -l)" -lt 100 ] || fail "not limited: $(comments | wc -l) packets"
grep -q 'left out [1-9]' "$HOME/errors" || fail "not counted: $(cat "$HOME/errors")"

# Refusals.
if knows NO_SOCKET; then
	check_refusal 1 "xdpshark: --reason: this kernel knows no reason 'NONSENSE': 'bpftool btf dump file /sys/kernel/btf/vmlinux | grep SKB_DROP_REASON' shows those that it knows" \
		xdpshark capture kernel:drops --reason NO_SOCKET,NONSENSE -w "$HOME/no"
fi
check_refusal 1 "xdpshark: --netns: there is no network namespace 'nowhere' in /run/netns" xdpshark capture kernel:drops --netns nowhere -w "$HOME/no"
check_refusal 1 "xdpshark: --netns: there is no network namespace '../netns/$server' in /run/netns" \
	xdpshark capture kernel:drops --netns "../netns/$server" -w "$HOME/no"
check_refusal 2 "xdpshark: --mark: '1/2/3' is not a number of 32 bits (0x1f, 31), nor two of them with / between (value and mask)" \
	xdpshark capture kernel:drops --mark 1/2/3 -w "$HOME/no"
check_refusal 1 "xdpshark: --device: 'a-name-that-is-too-long' is too long for the name of a device" \
	xdpshark capture kernel:drops --device a-name-that-is-too-long -w "$HOME/no"
check_refusal 1 "xdpshark: --actions is not for a kernel's point" xdpshark capture kernel:drops -a drop -w "$HOME/no"
[ ! -e "$HOME/no" ] || fail "a refused capture wrote a file"

# Killed, both processes leave nothing: the program is gone.
begin "$server"
held=$(held)
grep -q '^program' <<<"$held" && grep -q '^link' <<<"$held" || fail "no program is loaded and attached: $held"
kill_capture
wait_for 20 is_gone "$held" || fail "left: $(left "$held")"
