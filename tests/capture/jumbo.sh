#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames in fragments are captured whole, and filtered by their whole length.
set -eu
. "$(dirname "$0")/steps.sh"

# whole MTU SIZE...: UDP packets of these sizes, numbered in their payload's first bytes.
whole()
{
	local mtu=$1 size sizes=
	shift
	capture_start -w "$file" "udp and len > 3000"
	for size in "$@"; do
		send --count 1 --size "$size" 1001 >/dev/null
		sizes="$sizes$((size + 42)) $((size + 42)) $size,"
	done
	send --count 1 --size 100 1001 >/dev/null
	capture_end
	check_equal "captured, wire and payload lengths with MTU $mtu" "$sizes" \
		"$(blocks "$file" EPB captured wire data | awk '{ printf "%d %d %d,", $1, $2, length($3) / 2 - 42 }')"
	# Every byte of the padding, which a truncated or misplaced fragment would change.
	blocks "$file" EPB data | cut -c $((2 * 42 + 13))- | tr -d '20\n' | grep . && fail "bytes that nobody sent"
	return 0
}

world_create 65535
world_attach "$example_frags"
whole 65535 3000 3478 3479 8958 9000 16384 32768 60000 65507
capinfos -c "$file" >/dev/null || fail "capinfos does not read jumbo frames"
