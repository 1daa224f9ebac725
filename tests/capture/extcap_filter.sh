#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A filter that is typed is good (no word), or bad (the reason), and an answer comes while somebody waits for it.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"

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
# Of a hook that is gone, or that may not be read, the filter is still checked.
verdict "" "udp" xdp:/sys/fs/bpf/gone
verdict "can't parse filter expression: syntax error" "udp prot" xdp:

# libpcap's optimiser takes minutes over this one.
filter="host 10.8.0.1"
for ((i = 1; i < 700; i++)); do
	filter="$filter or host 10.$((i / 250)).$((i % 250)).7"
done
start=$SECONDS
verdict "" "$filter"
[ $((SECONDS - start)) -lt 20 ] || fail "it takes $((SECONDS - start)) s to answer"

# And it captures what it says.
capture_launch "$hook" -w "$file" "${filter/10.8.0.1/10.9.0.1}"
capture_wait
send --count 3 1001 >/dev/null
capture_end
check_equal "packets" 3 "$(packets)"
