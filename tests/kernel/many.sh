#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# many.sh: a capture at all functions and tracepoints of the kernel that have a packet: it is attached in a moment, traffic runs
# on, the file has an interface for each that has seen one, and the rate limit holds for all together. Killed, it leaves nothing.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
drops_world

# at FUNCTION: packets that were seen there.
at()
{
	tshark -r "$file" -T fields -e frame.comment 2>/dev/null | grep -c "^skb at=$1 " || true
}

place='*'
begin "$server" 'udp port 1'
said=$(grep -o 'kernel:\*: [0-9]* with a program each.*' "$HOME/errors") || fail "no figures: $(cat "$HOME/errors")"
echo "($said)"
functions=$(sed 's/.* one, \([0-9]*\) functions.*/\1/' <<<"$said")
known=$(bpftool btf dump file /sys/kernel/btf/vmlinux format raw | grep -c "'sk_buff'") || true
[ "$known" -gt 0 ] || fail "the kernel's types know no sk_buff"
[ "$(held | grep -c '^program')" -le 100 ] || fail "too many programs: $(held | paste -sd ' ')"
send port=1 count=5
end
[ "$(at netif_receive_skb)" -ge 5 ] || fail "not at a tracepoint: $(cat "$HOME/errors")"
check_equal "the limit, said of each interface" "limited: at most 10000 packets a second on each CPU" "$(blocks "$file" IDB comment | sort -u)"
seen=$(blocks "$file" EPB comment | sed -n 's/^skb at=\([^ ]*\).*/\1/p' | sort -u | wc -l)
[ "$(blocks "$file" IDB name | wc -l)" = "$((1 + seen))" ] ||
	fail "interfaces: $(blocks "$file" IDB name)"
if [ "$functions" -gt 0 ]; then
	case $said in
	*kprobe.multi*) [ "$functions" -ge 1500 ] || fail "only $functions functions" ;;
	esac
	for function in ip_rcv ip_local_deliver __udp4_lib_rcv; do
		[ "$(at "$function")" -ge 5 ] || echo "(not at $function)"
	done
fi

# Each packet comes by at many places: the limit is for all of these together.
begin "$server" --rate 5 'udp port 1'
send port=1 count=300
end
check_equal "another limit" "limited: at most 5 packets a second on each CPU" "$(blocks "$file" IDB comment | sort -u)"
[ "$(packets)" -lt 100 ] || fail "not limited: $(packets) packets"
grep -q 'left out [1-9]' "$HOME/errors" || fail "not counted: $(cat "$HOME/errors")"

begin "$server" 'udp port 1'
held=$(held)
grep -q '^program' <<<"$held" && grep -q '^link' <<<"$held" || fail "no program is loaded and attached: $held"
kill_capture
wait_for 60 is_gone "$held" || fail "left: $(left "$held")"
