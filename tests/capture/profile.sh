#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The profile XDP: a column with the action, colours by action, and Wireshark's own colours for passed packets.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
capture_launch "$hook" -w "$file" -c 2 -a drop,pass udp
capture_wait "1 2"
send --count 2 1001 1002 >/dev/null
capture_join

tshark -C XDP -r "$file" >"$HOME/plain" 2>"$HOME/errors"
check_equal "complaints about the profile" "" "$(grep -vi "running as user" "$HOME/errors" || true)"
check_equal "columns" "DROP 10.9.0.1,PASS 10.9.0.1" "$(awk '{ print $3, $4 }' "$HOME/plain" | paste -sd ,)"
check_equal "programs" "example example" "$(awk '{ for (i = 1; i <= NF; i++) if ($i == "example") print $i }' "$HOME/plain" | paste -sd ' ')"

# rules PROFILE: the colouring rule of each packet.
rules()
{
	tshark --color -C "$1" -r "$file" -T fields -e frame.coloring_rule.name 2>/dev/null
}
check_equal "colouring rules" "XDP dropped,UDP" "$(rules XDP | paste -sd ,)"
check_equal "colouring rules without the profile" "UDP,UDP" "$(rules Default | paste -sd ,)"
