#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets of devices without Ethernet begin with an IP header: the file says so, and filters are compiled for
# them, alone and together with Ethernet. A line reports a later device that does not fit.
set -eu
. "$(dirname "$0")/steps.sh"
[ -c /dev/net/tun ] || { echo "SKIP: no /dev/net/tun"; exit 77; }
world_create
pin=/sys/fs/bpf/example

tun_add()
{
	ip -n "$server" tuntap add "$1" mode tun
	on "$server" sysctl -qw "net.ipv6.conf.$1.disable_ipv6=1"
	ip -n "$server" link set "$1" up
}

tun_attach()
{
	on "$server" bpftool net attach xdpgeneric pinned $pin dev "$1"
}

tun()
{
	on "$server" "$tests/capture/tun.py" "$@"
}

dlts()
{
	xdpshark --extcap-dlts --extcap-interface "xdp:$hook"
}

# shown FILE: of each packet its number on the interfaces, source, port, action and device.
shown()
{
	tshark -r "$1" -T fields -E separator=, -e frame.interface_id -e ip.src -e ipv6.src -e udp.dstport -e xdp.action -e xdp.interface
}

has_packets()
{
	[ -s "$file" ] && [ "$(packets)" -ge "$1" ]
}

ethernet='dlt {number=1}{name=EN10MB}{display=Ethernet}'
raw='dlt {number=12}{name=RAW}{display=Raw IP}'

# Raw IP alone.
bpftool prog load "$example" $pin
check_equal "link types without a device" "$ethernet" "$(dlts)"
tun_add tun0
tun_attach tun0
check_equal "link types of tun0" "$raw" "$(dlts)"
capture_launch "$hook" -w "$file" "udp port 1001 and (net 10.8.0.0/16 or ip6)"
capture_wait
tun tun0 1000 1001 1002 1001
tun -6 tun0 1001 1002
capture_end
check_equal "interface" "101 xdp hook=$hook prog=example#$(bpftool -j prog show pinned $pin | sed 's/{"id":\([0-9]*\).*/\1/') if=tun0" \
	"$(blocks "$file" IDB link description | tr '\t' ' ')"
check_equal "packets of tun0" "0,10.8.0.1,,1001,2,tun0
0,10.8.0.1,,1001,2,tun0
0,,::1,1001,2,tun0" "$(shown "$file")"
check_sums
check_equal "packets for tcpdump" 3 "$(tcpdump -n -r "$file" udp port 1001 2>/dev/null | wc -l)"
check_run 1 xdpshark capture "$hook" -w "$file" ether host 02:00:00:00:00:01
grep -q '^xdpshark: capture filter "ether host 02:00:00:00:00:01": .*ether' "$HOME/stderr" || fail "no reason: $(cat "$HOME/stderr")"
check_run 0 xdpshark --extcap-capture-filter "udp" --extcap-interface "xdp:$hook"
check_equal "verdict on udp" "" "$(cat "$HOME/stdout")"
check_run 0 xdpshark --extcap-capture-filter "ether multicast" --extcap-interface "xdp:$hook"
grep -q . "$HOME/stdout" || fail "an Ethernet filter is called good for raw IP"
# In Wireshark.
tshark -q -i "xdp:$hook" -f "udp port 1001" -w "$HOME/live" -c 2 2>"$HOME/tshark" &
capture=$!
wait_for 30 is_capturing "$hook" || fail "tshark: $(cat "$HOME/tshark")"
tun tun0 1000 1001 1001
wait_for 30 process_has_ended $capture
check_equal "packets in tshark" "0,10.8.0.1,,1001,2,tun0
0,10.8.0.1,,1001,2,tun0" "$(shown "$HOME/live")"

# Both: each packet in the interface of its type.
on "$server" bpftool net attach xdp pinned $pin dev server0
check_equal "link types of both" "$ethernet
$raw" "$(dlts)"
capture_launch "$hook" -w "$file" "udp port 1001"
capture_wait
send --count 2 1001 1002 >/dev/null
tun tun0 1000 1001
send --count 1 1001 >/dev/null
tun -6 tun0 1001
capture_end
check_equal "link types in the file" "1 101" "$(blocks "$file" IDB link | paste -sd ' ')"
check_equal "packets of both" "0,10.9.0.1,,1001,1,server0
1,10.8.0.1,,1001,2,tun0
0,10.9.0.1,,1001,1,server0
1,,::1,1001,2,tun0" "$(shown "$file" | sort -s -t, -k1,1 | awk -F, '{ n[$1]++; l[$1, n[$1]] = $0 } END { for (i = 1; i <= 2; i++) { print l[0, i]; print l[1, i] } }')"
check_equal "statistics" "0 6 4 0 2,1 - - - 2" \
	"$(blocks "$file" ISB interface received accepted dropped delivered | tr '\t' ' ' | paste -sd ,)"
capinfos "$file" >"$HOME/capinfos" || fail "capinfos: $(cat "$HOME/capinfos")"

# In Wireshark the second interface comes between the packets.
tshark -q -i "xdp:$hook" -f "udp port 1001" -w "$HOME/live" -c 3 2>"$HOME/tshark" &
capture=$!
wait_for 30 is_capturing "$hook" || fail "tshark: $(cat "$HOME/tshark")"
send --count 1 1001 >/dev/null
wait_for 20 server_has_received 1
tun tun0 1001
send --count 1 1001 >/dev/null
wait_for 30 process_has_ended $capture
check_equal "packets of both in tshark" "0,10.9.0.1,,1001,1,server0
0,10.9.0.1,,1001,1,server0
1,10.8.0.1,,1001,2,tun0" "$(shown "$HOME/live" | sort)"

# Filters that make no sense for raw IP match nothing there, and a line says so.
capture_launch "$hook" -w "$file" "arp or ether src $(device_address "$client" client0)"
capture_wait
tun tun0 1001
send --count 1 1001 >/dev/null
wait_for 20 has_packets 1
kill $capture
wait $capture || fail "$(cat "$HOME/errors")"
check_equal "packets of an Ethernet filter" "0,10.9.0.1,,1001,1,server0" "$(shown "$file")"
grep -q "^xdpshark: hook $hook: nothing is captured from tun0 (netns $server), whose packets are raw IP: ." "$HOME/errors" ||
	fail "nobody says that nothing is captured from tun0: $(cat "$HOME/errors")"

# A filter can only distinguish them by their index.
same=$(device_index "$server" tun0)
ip link add twin0 netns "$sink" index "$same" type veth peer name twin1 netns "$client"
on "$sink" bpftool net attach xdp pinned $pin dev twin0
check_run 1 xdpshark capture "$hook" -w "$file" udp
grep -q "a filter cannot distinguish twin0 (netns $sink) from another one" "$HOME/stderr" || fail "no reason: $(cat "$HOME/stderr")"
capture_launch "$hook" -w "$file"
capture_wait
tun tun0 1001
capture_end
check_equal "link types of twins without a filter" "101" "$(blocks "$file" EPB interface | sort -u | while read -r n; do
	blocks "$file" IDB link | sed -n "$((n + 1))p"; done)"
ip -n "$sink" link del twin0

# A device of another type that comes later: without a filter it has an interface of its own, and with one a line says
# that the filter is not for it.
ip -n "$server" link del tun0
capture_launch "$hook" -w "$file"
capture_wait
send --count 1 1001 >/dev/null
wait_for 20 has_packets 1
check_equal "link types at first" 1 "$(blocks "$file" IDB link)"
tun_add tun1
tun_attach tun1
sees_tun1()
{
	tun tun1 1001
	[ "$(blocks "$file" IDB link | paste -sd ' ')" = "1 101" ]
}
wait_for 30 sees_tun1 || fail "packets of tun1 are not raw IP"
wait_for 30 grep -q "during this capture" "$HOME/errors" || fail "nobody says that tun1 has come: $(cat "$HOME/errors")"
kill $capture
wait $capture || fail "$(cat "$HOME/errors")"
check_equal "lines about tun1" "xdpshark: hook $hook: tun1 (netns $server) (Raw IP) came during this capture, and has an \
interface of its own in the file, which tcpdump does not read then" "$(grep "during this capture" "$HOME/errors")"
ip -n "$server" link del tun1
capture_launch "$hook" -w "$file" udp
capture_wait
tun_add tun2
tun_attach tun2
says_tun2()
{
	grep -q "^xdpshark: hook $hook: tun2 (netns $server) (Raw IP) came during this capture, which is not made for such packets: " "$HOME/errors"
}
wait_for 30 says_tun2 || fail "nobody says that tun2 has come: $(cat "$HOME/errors")"
kill $capture
wait $capture || fail "$(cat "$HOME/errors")"
check_equal "lines about tun2" 1 "$(grep -c "came during this capture" "$HOME/errors")"
