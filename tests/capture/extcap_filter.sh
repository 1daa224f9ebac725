#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A typed filter is good (nothing is printed) or bad (the reason is), and the answer comes quickly enough for
# whoever types it.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# verdict TEXT FILTER [INTERFACE]
verdict()
{
	check_run 0 xdpshark --extcap-capture-filter "$2" --extcap-interface "${3:-xdp:$hook}"
	check_equal "verdict on '${2:0:40}'" "$1" "$(cat "$HOME/stdout")"
	check_equal "standard error on '${2:0:40}'" "" "$(cat "$HOME/stderr")"
}

verdict "" ""
verdict "" "udp port 53 and host 10.9.0.1"
verdict "" "ip[ip[0] & 15] = 3 or tcp[tcpflags] & tcp-syn != 0"
verdict "can't parse filter expression: syntax error" "udp prot 53"
verdict "netmask not known, so 'ip broadcast' not supported" "ip broadcast"
verdict "VLAN tag 5000 greater than maximum 4095" "vlan 5000"
# The filter is still checked if the hook is gone or may not be read.
verdict "" "udp" xdp:/sys/fs/bpf/gone
verdict "can't parse filter expression: syntax error" "udp prot" xdp:

# repeat COUNT FORMAT: prints a list of that many terms, numbered from 1.
repeat()
{
	seq -f "$2" -s ' or ' "$1"
}

# libpcap's optimiser takes minutes for these, and all of libpcap for the last ones.
for ((i = 1; i <= 1000; i++)); do
	echo "10.8.$((i / 250)).$((i % 250)) ip-10-8-$i tcp-or-udp.example-$i"
done >"$HOME/hosts"
mount --bind "$HOME/hosts" /etc/hosts
hosts=$(for ((i = 1; i < 1000; i++)); do printf 'host 10.%d.%d.7 or ' $((i / 250)) $((i % 250)); done)
long=(
	"$hosts host 10.9.0.1"
	"$(repeat 500 'src or dst port %.f') or src or dst port 1001"
	"$(repeat 300 'host ip-10-8-%.f') or host 10.9.0.1"
	"$(repeat 300 'dst tcp-or-udp.example-%.f') or udp dst port 1001"
	"port $(repeat 300 '%.f') or 1001"
	"udp and ($(repeat 200 'port %.f') or port 1001)"
	"udp and not ($hosts port 1000)"
)
# Of the processor, on which others are busy too; libpcap has 15 s before it is given up.
seconds_used()
{
	awk -v ticks="$(getconf CLK_TCK)" '{ print int(($16 + $17) / ticks) }' "/proc/$$/stat"
}

for filter in "${long[0]}" "${long[1]}"; do
	start=$(seconds_used)
	verdict "" "$filter"
	[ $(($(seconds_used) - start)) -lt 20 ] || fail "it takes $(($(seconds_used) - start)) s to answer '${filter:0:40}...'"
done
verdict "unknown port 'nonsense'" "$(repeat 500 'src or dst port %.f') or port nonsense"
# Filters that take too long are refused, and the reason says what to do.
slow="udp and ip and ($(repeat 3000 'src or dst port %.f'))"
verdict "libpcap needs more than 15 s for this filter: shorten it, write addresses in place of names, or make it a \
plain list (host A or host B or ...), which is quick at any length" "$slow"

# And they capture what they should.
for filter in "${long[@]}"; do
	capture_launch "$hook" -w "$file" "$filter"
	capture_wait
	send --count 3 1001 >/dev/null
	capture_end
	check_equal "packets of '${filter:0:40}...'" 3 "$(packets)"
done
