#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Interface values are unique to Wireshark's preferences, which know letters, digits and '_' only, and lead back to the hook.
set -eu
. "$(dirname "$0")/steps.sh"
world_create

for name in a-b a_b A_B; do
	world_attach "$example"
	rm /sys/fs/bpf/example
	on "$server" bpftool net detach xdp dev server0
	mv "$hook" "/sys/fs/bpf/$name"
	bpftool prog load "$example" "/sys/fs/bpf/program_$name" map name example_hook pinned "/sys/fs/bpf/$name"
	rm -f "$hook"
done
xdpshark --extcap-interfaces | sed -n 's/.*{value=\([^}]*\)}.*/\1/p' >"$HOME/values"
check_equal "values" 3 "$(wc -l <"$HOME/values")"
check_equal "preferences that two values share" "" "$(tr 'A-Z' 'a-z' <"$HOME/values" | sed 's/[^a-z0-9]/_/g' | sort | uniq -d)"
xdpshark --extcap-interfaces | sed -n 's/.*{value=\([^}]*\)}.*/\1/p' | cmp - "$HOME/values" || fail "values change"

# Each value captures its own hook.
mkfifo "$HOME/fifo"
while read -r value; do
	path=$(sed 's/^xdp://; s/~.*//' <<<"$value")
	cat "$HOME/fifo" >"$file" &
	check_run 0 xdpshark --capture --extcap-interface "$value" --fifo "$HOME/fifo" --duration 0.01
	wait $!
	check_equal "hook of $value" "xdp hook=$path" "$(blocks "$file" IDB description | sed 's/ prog=.*//')"
done <"$HOME/values"
