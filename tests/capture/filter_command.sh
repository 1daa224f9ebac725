#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xdpshark filter shows what a filter compiles to, and runs it in the kernel over a file's packets.
set -eu
. "$(dirname "$0")/steps.sh"
frames=$HOME/frames.pcap
"$tests/capture/frames.py" "$frames"
count=$(tcpdump -r "$frames" -n 2>/dev/null | wc -l)

# Classic BPF is word for word the same as tcpdump's.
for filter in "" "udp port 53" "vlan and host 10.9.0.1" "ip[2:2] & 0x7ff > 100 or ip6"; do
	check_run 0 xdpshark filter --emit cbpf "$filter"
	# shellcheck disable=SC2086
	tcpdump -y EN10MB -d -s 262144 $filter 2>/dev/null | cmp - "$HOME/stdout" || fail "tcpdump -d differs for '$filter'"
done
# eBPF: numbered instructions after the classic ones; also the default without --emit.
check_run 0 xdpshark filter --emit ebpf udp port 53
cp "$HOME/stdout" "$HOME/ebpf"
grep -qE '^; \([0-9]{3}\) ' "$HOME/ebpf" || fail "no classic instruction"
grep -qE '^ +0: ' "$HOME/ebpf" || fail "no first instruction"
grep -qE '^ *[0-9]+: exit$' "$HOME/ebpf" || fail "no exit"
check_equal "lines of another kind" "" "$(grep -vE '^(; \([0-9]{3}\)| *[0-9]+: )' "$HOME/ebpf" || true)"
check_run 0 xdpshark filter udp port 53
cmp "$HOME/ebpf" "$HOME/stdout" || fail "--emit ebpf is not the default"

# C: a function that compilers accept without a warning, after the types that it uses.
for filter in "" "udp port 53" "ip6 protochain 6" "vlan and tcp[tcpflags] & tcp-syn != 0"; do
	check_run 0 xdpshark filter --emit c "$filter"
	grep -q '^filter(const __u8 \*data, ' "$HOME/stdout" || fail "no C function for '$filter'"
	{ printf '#include <linux/types.h>\n' && cat "$HOME/stdout"; } >"$HOME/filter.c"
	cc -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only "$HOME/filter.c" || fail "no valid C for '$filter'"
done

# Which packets match is what libpcap says.
expected()
{
	tcpdump -r "$frames" -n -tt "$@" 2>/dev/null | sed 's/^1700000000\.0*\([0-9][0-9]*\) .*/\1/' >"$HOME/matched"
	for ((i = 0; i < count; i++)); do
		grep -cx $i "$HOME/matched" || true
	done
}
for filter in "" "udp port 53" "udp" "arp" "vlan" "not ip" "ether[12:2] = 0x800" "len > 3520" "less 14" "udp[8] = 0" \
	"ip[2:2] > 9000" "ether[65534] = 0" "ether[65535] = 0" "ether[len - 1] = 0" "1 / (len - 42) = 0"; do
	check_run 0 xdpshark filter --match "$frames" "$filter"
	check_equal "matches of '$filter'" "$(expected "$filter" | paste -sd ' ')" "$(paste -sd ' ' "$HOME/stdout")"
done

# Truncated packets, too: their length is that on the wire.
whole=$frames
frames=$HOME/cut.pcap
for snaplen in 10 60 2000; do
	"$tests/capture/frames.py" "$frames" 1 $snaplen
	for filter in "len > 3520" "less 60" "greater 61" "len = 62 and udp" "ether[len - 1] = 0" "ip[2:2] = len - 14" "udp port 53"; do
		check_run 0 xdpshark filter --match "$frames" "$filter"
		check_equal "matches of '$filter' in packets cut at $snaplen" "$(expected "$filter" | paste -sd ' ')" \
			"$(paste -sd ' ' "$HOME/stdout")"
	done
done
# Packets without Ethernet.
frames=$HOME/raw.pcap
"$tests/capture/frames.py" "$frames" 101
all=$count
count=$(tcpdump -r "$frames" -n 2>/dev/null | wc -l)
for filter in "" "udp port 53" "ip" "ip[9] = 17 and len > 48" "not ip" "udp[8] = 0"; do
	check_run 0 xdpshark filter --match "$frames" "$filter"
	check_equal "matches of '$filter' in raw IP" "$(expected "$filter" | paste -sd ' ')" "$(paste -sd ' ' "$HOME/stdout")"
	check_run 0 xdpshark filter -y RAW --emit cbpf "$filter"
	# shellcheck disable=SC2086
	tcpdump -y RAW -d -s 262144 $filter 2>/dev/null | cmp - "$HOME/stdout" || fail "tcpdump -y RAW -d differs for '$filter'"
done
printf 'udp port 53\nether host 1\nip\n' >"$HOME/list"
check_run 0 xdpshark filter --match "$frames" --batch "$HOME/list"
check_equal "list in raw IP" "$(expected udp port 53 | paste -sd ' ') ,REJECT,$(expected ip | paste -sd ' ') " \
	"$(sed 's/REJECT.*/REJECT/' "$HOME/stdout" | paste -sd ,)"
frames=$whole
count=$all
xdpshark filter --help | tr -s ' \n' ' ' | grep -q "'len', 'less' and 'greater' mean the length on the wire" ||
	fail "--help does not say which length counts"

# What tcpdump compiled, and a filter's value.
tcpdump -y EN10MB -s 96 -ddd udp port 53 >"$HOME/ddd" 2>/dev/null
check_run 0 xdpshark filter --cbpf "$HOME/ddd" --match "$frames" --values
check_equal "values" "$(expected udp port 53 | sed 's/1/96/' | paste -sd ' ')" "$(paste -sd ' ' "$HOME/stdout")"
check_run 0 xdpshark filter --cbpf "$HOME/ddd" --emit cbpf
tcpdump -y EN10MB -s 96 -d udp port 53 2>/dev/null | cmp - "$HOME/stdout"
printf '2\n32 0 0 0\n22 0 0 0\n' >"$HOME/load" # ld [0]; ret A
check_run 0 xdpshark filter --cbpf "$HOME/load" --match "$frames" --values
check_equal "values of ld [0]; ret a" "0 $((0x02000000))" "$(sort -n "$HOME/stdout" | uniq | paste -sd ' ')"
