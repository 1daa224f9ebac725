#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mistakes in xdpshark filter: what is wrong, where, and exit status 1, or 2 for the command line.
set -eu
. "$(dirname "$0")/steps.sh"
"$tests/capture/frames.py" "$HOME/frames.pcap"
"$tests/capture/frames.py" "$HOME/loopback.pcap" 0

# refused STATUS TEXT ARGUMENT...
refused()
{
	local status=$1 text=$2
	shift 2
	check_refusal "$status" "xdpshark: $text" xdpshark filter "$@"
}

refused 1 "can't parse filter expression: syntax error" udp prot 53
refused 1 "cannot read $HOME/missing.pcap: No such file or directory" --match "$HOME/missing.pcap" udp
refused 1 "cannot read $0: unknown file format" --match "$0" udp
refused 1 "$HOME/loopback.pcap holds packets of link type 0: Ethernet and raw IP are what XDP sees" --match "$HOME/loopback.pcap" udp
refused 2 "give one of a filter, --cbpf, --batch and --batch-cbpf" --cbpf "$HOME/code" udp
refused 2 "give either --emit or --match, not both" --emit cbpf --match "$HOME/frames.pcap" udp
refused 2 "--emit takes cbpf, ebpf or c" --emit asm udp
refused 2 "Unknown option --emmit" --emmit cbpf

# code TEXT LINES: raw classic programs.
code()
{
	printf '%s\n' "$2" >"$HOME/code"
	refused 1 "$1" --cbpf "$HOME/code"
}

format="$HOME/code: not the output of tcpdump -ddd: it must begin with the number of the instructions that follow"
code "$format" ""
code "$format" "two"
code "$format" $'2\n6 0 0 1'
code "$format" $'1\n6 0 0 1\n6 0 0 1'
code "$HOME/code: instruction 0 is not \"code jt jf k\" in decimal" $'1\n6 0 0'
code "$HOME/code: instruction 1 is not \"code jt jf k\" in decimal" $'2\n6 0 0 1\n6 0 0 1 7'
code "$HOME/code: instruction 0 is not \"code jt jf k\" in decimal" $'1\n6 0 256 1'
check_refusal 1 "xdpshark: Failed to open file “$HOME/missing”: No such file or directory" xdpshark filter --cbpf "$HOME/missing"

# A classic program that the kernel never accepts: the instruction's number and opcode are named.
printf '2\n255 0 0 0\n6 0 0 1\n' >"$HOME/code"
check_run 1 xdpshark filter --cbpf "$HOME/code"
grep -q 'instruction 0 .*0x00ff\|0xff' "$HOME/stderr" || fail "the fault is not named: $(cat "$HOME/stderr")"
printf '2\n21 0 5 0\n6 0 0 1\n' >"$HOME/code"
check_run 1 xdpshark filter --cbpf "$HOME/code"
check_equal "lines" 1 "$(wc -l <"$HOME/stderr")"
grep -q 'instruction 0' "$HOME/stderr" || fail "the fault is not named: $(cat "$HOME/stderr")"
