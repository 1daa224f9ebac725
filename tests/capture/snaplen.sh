#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A truncated packet keeps its length on the wire, in the file and in the filter.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# cut SNAPLEN EXPECTED: captured and wire lengths of frames of 45, 64, 500 and 1514 bytes.
cut_to()
{
	capture_start -w "$file" -s "$1" "${@:3}"
	for size in 3 22 458 1472; do
		send --count 1 --size $size 7 >/dev/null
	done
	capture_end
	check_equal "lengths with -s $1 ${*:3}" "$2" "$(blocks "$file" EPB captured wire | tr '\t\n' '/ ' | sed 's/ $//')"
	check_equal "snaplen of the interface" $(($1 == 0 ? 262144 : $1)) "$(blocks "$file" IDB snaplen)"
}

cut_to 0 "45/45 64/64 500/500 1514/1514"
cut_to 60 "45/45 60/64 60/500 60/1514"
cut_to 64 "45/45 64/64 64/500 64/1514"
cut_to 1 "1/45 1/64 1/500 1/1514"
cut_to 262144 "45/45 64/64 500/500 1514/1514"
cut_to 60 "60/500 60/1514" greater 100
cut_to 60 "45/45 60/64" 'len < 100'
