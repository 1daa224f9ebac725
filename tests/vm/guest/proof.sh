# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the scripts here, which run in other kernels: those are slow, so each proves several things in one
# boot, and says which.
. "$(dirname "${BASH_SOURCE[0]}")/../../capture/steps.sh"

# Asked again and again while something is waited for: without Python, which takes a second here.
slots_taken()
{
	bpftool -j map dump pinned "$1" 2>/dev/null | grep -o '"key":\["0x0[0-9a-f]"' | sed 's/.*0x0//; s/"//' | paste -sd ' '
}

yes()
{
	echo "yes: $*"
}

# no FEATURE WHY
no()
{
	echo "no: $1: $2"
}

# What is pinned stays out of the way: this asks the kernel by doing it.
has_fragments()
{
	local answer=1
	bpftool prog load "$example_frags" /sys/fs/bpf/try >/dev/null 2>&1 && answer=0
	rm -f /sys/fs/bpf/try /sys/fs/bpf/example_hook
	return $answer
}

no_fragments="the kernel has no fragments at XDP (5.18)"

# send_bytes SIZE...: sends UDP packets with so many random bytes to port 1001; prints them, a line each.
send_bytes()
{
	on "$client" "$(dirname "${BASH_SOURCE[0]}")/send_bytes.py" "$@"
}

# send_all SIZE...: the same, and waits until they have arrived.
send_all()
{
	local before
	before=$(server_received)
	send_bytes "$@" >"$HOME/sent"
	wait_for 60 server_has_received $((before + $#)) || fail "not all packets arrive"
}

# check_bytes SIZE...: what is captured is what was sent, every byte, with the right lengths.
check_bytes()
{
	local size
	capture_start -w "$file" udp port 1001
	send_all "$@"
	capture_end
	blocks "$file" EPB data | cut -c $((2 * 42 + 1))- >"$HOME/captured"
	cmp "$HOME/sent" "$HOME/captured" || fail "other bytes than were sent: $*"
	check_equal "lengths" "$(for size in "$@"; do echo "$((size + 42)) $((size + 42))"; done)" \
		"$(blocks "$file" EPB captured wire | tr '\t' ' ')"
}
