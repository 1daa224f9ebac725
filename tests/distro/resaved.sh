#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture that this Wireshark has saved again, in whole or in part, tells the same as before.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
capture_start -w "$file" 'udp portrange 1000-1004'
send --count 50 1000 1001 1002 1003 1004 >/dev/null
capture_end

shown()
{
	tshark -r "$1" -Y "${2:-frame}" -T fields -e frame.time_epoch -e frame.len -e frame.comment -e frame.interface_name -e xdp.action \
		-e xdp.hook -e xdp.program -e xdp.interface -e xdp.queue -e xdp.cpu -e udp.dstport 2>/dev/null
}
shown "$file" >"$HOME/before"
check_equal "packets" 50 "$(wc -l <"$HOME/before")"
tshark -r "$file" -w "$HOME/saved.pcapng" 2>/dev/null
editcap "$file" "$HOME/edited.pcapng"
mergecap -w "$HOME/merged.pcapng" "$file"
for copy in saved edited merged; do
	shown "$HOME/$copy.pcapng" | cmp - "$HOME/before" || fail "$copy: other than before"
done
tshark -r "$file" -Y 'xdp.action == TX' -w "$HOME/part.pcapng" 2>/dev/null
shown "$file" 'xdp.action == TX' >"$HOME/before"
check_equal "packets of the part" 10 "$(wc -l <"$HOME/before")"
shown "$HOME/part.pcapng" | cmp - "$HOME/before" || fail "part: other than before"
