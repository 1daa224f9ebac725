#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The blocks of a capture of two hooks, in order and with all their contents.
set -eu
. "$(dirname "$0")/steps.sh"
two_hooks_create
world_id=$(bpftool -j prog show pinned /sys/fs/bpf/example | sed 's/{"id":\([0-9]*\).*/\1/')
second_id=$(bpftool -j prog show pinned /sys/fs/bpf/second | sed 's/{"id":\([0-9]*\).*/\1/')

capture_launch "$hook" "$second" -w "$file" -s 60 -a drop,pass --verdict on 'udp portrange 1000-1004'
capture_wait "1 2"
capture_wait "1 2" "$second"
start=$(date +%s%N)
for port in 1001 1002; do
	send --count 1 --size 1000 $port >/dev/null
	on "$server" "$tests/capture/send.py" --count 1 --address 10.9.0.1 $port >/dev/null
done
send --count 1 --size 1000 1000 >/dev/null # of an action that is not captured
send --count 1 --size 1000 2001 >/dev/null # passed, but not in the filter
wait_for 20 server_has_received 5 # with the client's ICMP error on what it was sent to port 1002
end=$(date +%s%N)
capture_end
check_equal "slots of the second hook" "" "$(slots_taken "$second")"

check_equal "kinds of blocks" "SHB 1 IDB 2 EPB 4 ISB 2" \
	"$(for kind in SHB IDB EPB ISB; do printf '%s ' $kind; blocks "$file" $kind comment | wc -l; done | paste -sd ' ')"
os=$(uname -sr)
check_equal "section" "$(xdpshark --version | sed 1!d)	$os" "$(blocks "$file" SHB application os)"
[ "$(blocks "$file" SHB hardware)" != - ] || fail "no hardware"
check_equal "interfaces" \
	"1	60	example_hook	xdp hook=$hook prog=example#$world_id if=server0	9	udp portrange 1000-1004	$os	$(device_address "$server" server0 | tr -d :)	10000000000
1	60	example_hook	xdp hook=$second prog=example#$second_id if=client0	9	udp portrange 1000-1004	$os	$(device_address "$client" client0 | tr -d :)	10000000000" \
	"$(blocks "$file" IDB link snaplen name description tsresol filter os mac speed)"

# What the packets of a hook have in common is only in the description of its interface.
expected="0	1001 0	60	1042	xdp action=DROP	1	0	0201
1	1001 0	60	60	xdp action=DROP	1	0	0201
0	1002 0	60	1042	xdp action=PASS	1	0	0202
1	1002 0	60	60	xdp action=PASS	1	0	0202"
check_equal "packets" "$expected" \
	"$(blocks "$file" EPB interface payload captured wire comment flags queue verdict | sed 's/\(020[1-5]\)0*$/\1/')"
times=$(blocks "$file" EPB time)
check_equal "order of times" "$(sort -n <<<"$times")" "$times"
[ "$(head -n 1 <<<"$times")" -ge "$start" ] || fail "times before the packets were sent"
[ "$(tail -n 1 <<<"$times")" -le "$end" ] || fail "times after the packets were sent"
[ "$(head -n 1 <<<"$times")" != "$(tail -n 1 <<<"$times")" ] || fail "all times are the same"

# Statistics: received counts everything that came through the slots, including ICMP errors for passed packets.
check_equal "statistics" "0	4	0	2	2
1	4	0	2	2" "$(blocks "$file" ISB interface received dropped accepted delivered)"
for interface in 0 1; do
	# shellcheck disable=SC2046
	set -- $(blocks "$file" ISB start end time | sed -n $((interface + 1))p)
	[ "$1" -le "$start" ] || fail "the capture starts after its packets"
	[ "$2" -ge "$end" ] || fail "the capture ends before its packets"
	check_equal "time of the statistics" "$2" "$3"
done
check_equal "capinfos' order of time" "Strict time order:   True" "$(capinfos -o "$file" | tail -n 1)"
