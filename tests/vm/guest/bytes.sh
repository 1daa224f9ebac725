#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets are captured to the byte, whichever way this kernel lets them be copied; a filter of 1,000 hosts works.
set -eu
. "$(dirname "$0")/proof.sh"
world_create
world_attach "$example"

# Around the sizes of records in bpf/ring.bpf.h, less the 42 bytes of headers.
check_bytes 0 1 3 18 21 22 23 53 54 55 85 86 87 213 214 215 469 470 471 981 982 983 1471 1472
yes "packets to the byte, every size"

# What libpcap makes of them, which took too long to make here: see ../hosts.
hosts=$BUILD/tests/vm/hosts.ddd
[ -s "$hosts" ] || fail "$hosts is missing: ctest -R vm.hosts"
check_equal "packets of the last of 1,000 hosts" "24 1" \
	"$(xdpshark filter --cbpf "$hosts" --match "$file" | sort | uniq -c | sed 's/^ *//')"
sed 's/ 168361985$/ 168361984/' "$hosts" >"$HOME/other.ddd"
check_equal "packets of none of 1,000 hosts" "24 0" \
	"$(xdpshark filter --cbpf "$HOME/other.ddd" --match "$file" | sort | uniq -c | sed 's/^ *//')"
yes "filter of 1,000 hosts"

sources=$(printf 'src host 192.0.%d.%d or ' $(for ((i = 0; i < 199; i++)); do echo 0 $((i + 1)); done))

# through FILTER EXPECTED
through()
{
	capture_launch "$hook" -w "$file" "$1"
	# libpcap and the verifier take long here.
	wait_for 120 capture_is_on "$hook" "0 1 2 3 4" || fail "no capture"
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	capture_end
	check_equal "packets through hosts" "$2" "$(blocks "$file" EPB payload)"
}

through "($sources src host 10.9.0.1) and udp port 1001" "1001 1"
through "${sources% or }" ""
yes "filter of 200 hosts in a capture"
