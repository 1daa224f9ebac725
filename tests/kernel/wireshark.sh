#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wireshark.sh: the kernel's points are interfaces of Wireshark: listed, with their options, captured from live with
# filters for the reason, and counted in the tree of packet drops.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world
drop "$server" input 8

check_equal "the interface" "interface {value=kernel:drops}{display=Packets that the kernel drops}" \
	"$(xdpshark --extcap-interfaces | grep kernel:drops)"
check_equal "the list" "kernel:drops          Packets that the kernel drops" "$(xdpshark list --kernel | head -n 1)"
check_equal "the list for programs" "kernel drops kernel:drops|kernel ingress kernel:ingress|kernel egress kernel:egress|kernel netfilter kernel:netfilter|kernel sockets kernel:sockets" "$(xdpshark list --kernel --json |
	"$python3" -c 'import json, sys; [print(p["source"], p["address"], p["interface"]) for p in json.load(sys.stdin)]' | paste -sd '|')"
! xdpshark list 2>/dev/null | grep kernel: || fail "among hooks"
for option in reason device netns process mark stack track; do
	xdpshark --extcap-interface kernel:drops --extcap-config | grep -q "{call=--$option}" || fail "no --$option in the dialog"
done
# functions TYPED: what the dialog's list then offers.
functions()
{
	xdpshark --extcap-interface kernel:functions --extcap-config --extcap-reload-option function --functions "$1"
}
check_equal "names to choose from" "value {arg=1}{value=}{display=Those named above}|value {arg=1}{value=netif_receive_skb_entry}{display=netif_receive_skb_entry}" \
	"$(functions 'drops, netif_receive_skb_entr' | paste -sd '|')"
functions '' | grep -qF '{value=netif_receive_skb}' || fail "not all are listed"
functions 'no_such' | grep -qF '{value=}{display=No function' || fail "not said that there is none"
xdpshark doctor | grep -q '^yes *programs that see what the kernel drops' || { echo "SKIP: the kernel does not allow it"; exit 77; }
knows NETFILTER_DROP || { echo "SKIP: the kernel gives no reasons"; exit 77; }

# Live, as in the guide. With a port of this test alone: other tests drop packets meanwhile, from the same addresses.
port=$((20000 + $$ % 40000))
on "$server" nft "add rule ip drops input udp dport $port drop"
timeout 300 tshark -l -i kernel:drops -f "udp dst port $port and host 10.9.0.2" -Y 'skb.reason == NETFILTER_DROP' \
	-T fields -e ip.src -e skb.reason -e skb.interface -c 2 >"$HOME/live" 2>"$HOME/errors" &
tshark=$!
is_seen()
{
	send port=$port
	grep -q . "$HOME/live"
}
wait_for 40 is_seen || fail "nothing is seen live: $(cat "$HOME/errors")"
send port=$port count=2
wait_for 20 process_has_ended $tshark || fail "tshark does not end"
check_equal "live" "10.9.0.1	NETFILTER_DROP	server0" "$(sort -u "$HOME/live")"

# At functions, which have no interface of their own.
refusal=$(timeout 300 tshark -i kernel:functions 2>&1) && fail "functions that nobody has named"
grep -qF "no function is chosen: name it in the interface's options" <<<"$refusal" || fail "$refusal"
timeout 300 tshark -l -i kernel:functions -o 'extcap.kernel_functions.functions:netif_receive_skb, drops' \
	-f "udp dst port $port and host 10.9.0.2" -T fields -e skb.point -c 2 >"$HOME/live" 2>"$HOME/errors" &
tshark=$!
wait_for 40 is_seen || fail "nothing is seen at functions: $(cat "$HOME/errors")"
send port=$port count=2
wait_for 20 process_has_ended $tshark || fail "tshark does not end"
check_equal "at functions" "drops|netif_receive_skb" "$(sort -u "$HOME/live" | paste -sd '|')"

begin "$server" --stack udp
send port=8 count=3
send port=1
on "$server" bash -c 'echo hello >/dev/udp/127.0.0.1/2'
end
# selected FILTER: how many packets it selects.
selected()
{
	tshark -r "$file" -Y "$1" -T fields -e frame.number 2>"$HOME/errors" | wc -l
	! grep -iv running "$HOME/errors" >&2
}
check_equal "by reason" 3 "$(selected 'skb.reason == NETFILTER_DROP')"
check_equal "by reason in quotes" 3 "$(selected 'skb.reason == "NETFILTER_DROP"')"
check_equal "by several" 5 "$(selected 'skb.reason in {NETFILTER_DROP, NO_SOCKET}')"
check_equal "by another" 0 "$(selected 'skb.reason == UDP_CSUM')"
check_equal "by device" 1 "$(selected 'skb.interface == lo')"
check_equal "by namespace" 5 "$(selected "skb.netns == \"$server\"")"
check_equal "by point" 5 "$(selected 'skb.point == drops and skb.cpu < 100000 and skb.wire_length > 40')"
check_equal "none is of XDP" 0 "$(selected xdp)"
function=$(tshark -r "$file" -Y 'skb.reason == NETFILTER_DROP' -T fields -e skb.function 2>/dev/null | head -n 1)
check_equal "by function" 3 "$(selected "skb.function == \"$function\"")"
check_equal "by location" 3 "$(selected "skb.location contains \"$function+0x\"")"

check_equal "by a call" 5 "$(selected "skb.stack contains \"net_rx_action+0x\"")"

# rows TITLE: the tree's rows below it, with their counts.
rows()
{
	tshark -r "$file" -q -z skb,tree 2>/dev/null | awk -v title="$1" '
		/^[A-Z]/ { below = $1 == title; next }
		below && /^ [^ ]/ { print $1, $2 }' | sort | paste -sd '|'
}
check_equal "reasons" "NETFILTER_DROP 3|NO_SOCKET 2" "$(rows Reasons)"
check_equal "devices" "lo 1|server0 4" "$(rows Devices)"
check_equal "processes" "softirq 5" "$(rows Processes)"

# The profile: the reason is in the column of the action, and what was dropped is coloured.
check_equal "columns" "3 NETFILTER_DROP $function|2 NO_SOCKET" "$(tshark -C XDP -r "$file" 2>/dev/null |
	awk -v function_="$function" '{ print $3, index($0, function_) ? function_ : "" }' | sort | uniq -c | sed 's/^ *//; s/ *$//' | paste -sd '|')"
check_equal "colouring rules" "Dropped by the kernel" "$(tshark --color -C XDP -r "$file" -T fields -e frame.coloring_rule.name 2>/dev/null | sort -u)"
