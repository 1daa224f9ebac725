#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames in fragments are captured whole, and filtered by what is in the fragments and by their length.
set -eu
. "$(dirname "$0")/proof.sh"
if ! has_fragments; then
	no "jumbo frames, whole" "$no_fragments: programs for longer frames than fit a page cannot be attached"
	no "filters on what is in fragments" "$no_fragments"
	exit 0
fi
world_create 65535
world_attach "$example_frags"
check_bytes 1472 3477 3478 3479 3542 8958 9174 9175 16342 16343 32726 32727 60000 65493 65507
yes "jumbo frames, whole"

# filtered FILTER LENGTHS: the wire lengths of those that match, of 142, 5042, 5043 and 9042 bytes.
filtered()
{
	capture_start -w "$file" "$1"
	send_all 100 5000 5001 9000
	capture_end
	check_equal "lengths with $1" "$2" "$(blocks "$file" EPB wire | paste -sd ' ')"
}

filtered "greater 5043" "5043 9042"
filtered "ether[5042] >= 0" "5043 9042"
filtered "less 5042" "142 5042"
yes "filters on what is in fragments"
