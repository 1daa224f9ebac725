#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vanished.sh FOLDER, run by tests/sandbox: makes the pictures of docs/vanished.md again, of the real Wireshark.
#	wireshark-kernel.png	the kernel's points among the interfaces, with a filter
#	wireshark-drops.png	packets that the kernel drops, with reasons, and the calls that led to one of them
#	wireshark-reasons.png	the same counted by reason, function and device
# Fails if a step does not appear.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/capture/steps.sh"
. "$top/tests/kernel/drops.bash"
. "$top/tests/gui/desktop.sh"

folder=${1:?usage: vanished.sh FOLDER}
missing=$(desktop_missing)
[ -z "$missing" ] || { echo "SKIP: $missing is not installed"; exit 77; }
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
knows NETFILTER_DROP || { echo "SKIP: the kernel gives no reasons"; exit 77; }

# Packets of other tests are dropped meanwhile, from addresses that all of them have.
customer=10.9.7.7

send_traffic()
{
	send source=$customer port=53
	send source=$customer port=514
	send source=$customer port=53
	send source=$customer port=33434 ttl=1 target=10.8.0.2
	send source=$customer port=123 udp_sum=1
	send source=$customer port=53
	send source=$customer port=514
}

drops_world
xdpshark doctor | grep -q '^yes *programs that see what the kernel drops' || { echo "SKIP: the kernel does not allow it"; exit 77; }
on "$client" bpftool net detach xdp dev client0
on "$sink" bpftool net detach xdp dev sink0
world_attach "$BUILD/tests/programs/example.bpf.o"
ip -n "$client" addr add $customer/32 dev client0
ip -n "$server" route add $customer/32 via 10.9.0.1
drop "$server" input 53
desktop_start
# Wireshark takes port 514 for another protocol's, and has no more to say of the payload.
wireshark_start --disable-protocol syslog --disable-protocol dns --disable-protocol ntp -o extcap.kernel_drops.stack:true

drops='^Packets that the kernel drops'
wait_for 30 is_shown 'table cell' "$drops"
click 'table cell' "$drops"
type_over '^Capture filter entry$' "host $customer"
show_left "$drops"
take_picture wireshark-kernel

double_click 'table cell' "$drops"
wait_for 30 is_titled 'Capturing from'
captured()
{
	send source=$customer port=53
	is_shown label '^Packets: [1-9]'
}
wait_for 30 captured || fail "nothing is captured"
send_traffic
has_all()
{
	is_shown 'table cell' '^UDP_CSUM$' && is_shown 'table cell' '^IP_INHDR$' && is_shown 'table cell' '^NO_SOCKET$'
}
wait_for 30 has_all || fail "not all reasons are shown"
click 'push button' '^Stop$'
xdotool key --clearmodifiers ctrl+shift+r # Resize All Columns
click 'table cell' '^NETFILTER_DROP$'
click 'table cell' '^Kernel, Reason: NETFILTER_DROP'
xdotool key Right
wait_for 20 is_shown 'table cell' '^.Reason: NETFILTER_DROP'
wait_for 20 is_shown 'table cell' '^.Call: nft_do_chain[+]0x'
take_picture wireshark-drops

# The last item but one of the menu Statistics.
xdotool key --clearmodifiers alt+s
xdotool key Up Up Return
wait_for 30 is_shown 'table cell' '^Reasons$'
take_picture wireshark-reasons
