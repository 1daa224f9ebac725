#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be captured is refused with a reason and a remedy; hooks and existing files stay as they are.
set -eu
. "$(dirname "$0")/steps.sh"
world_create

echo "somebody's capture" >"$file"
cp "$file" "$HOME/before"

# refused STATUS TEXT ARGUMENT...
refused()
{
	local status=$1 text=$2
	shift 2
	check_refusal "$status" "xdpshark: $text" xdpshark capture -w "$file" "$@"
	cmp "$HOME/before" "$file" || fail "the file is not what it was after: $*"
}

# A program array that no program uses: if we had become its owner, the XDP program could not be loaded.
bpftool map create "$hook" type prog_array key 4 value 4 entries 5 name example_hook
refused 1 "$hook: no program uses this map yet: load the XDP program that names it first (a capture now would make the map ours, and the load fail)" "$hook"
world_attach "$example"

# Things that are not hooks.
bpftool map create /sys/fs/bpf/hash type hash key 4 value 4 entries 5 name hash
refused 1 "/sys/fs/bpf/hash: a BPF map of type hash is pinned there, not a hook: name the pin of a program array (xdpshark list shows the hooks)" /sys/fs/bpf/hash
refused 1 "/sys/fs/bpf/example: a BPF program of type xdp is pinned there, not a hook: name the pin of a program array (xdpshark list shows the hooks)" /sys/fs/bpf/example
bpftool map create /sys/fs/bpf/table type prog_array key 4 value 4 entries 64 name table
refused 1 "/sys/fs/bpf/table: a program array of 64 slots is no hook: a hook has five, one for each XDP action (old ones have four, none has more than 8)" /sys/fs/bpf/table
refused 1 "/sys/fs/bpf/missing: nothing is pinned there (xdpshark list shows the hooks)" /sys/fs/bpf/missing
refused 1 "/etc/passwd: not below a mounted bpffs, where hooks are pinned (xdpshark list shows the hooks)" /etc/passwd

# Filters.
refused 1 "capture filter \"udp prot 53\": can't parse filter expression: syntax error" "$hook" udp prot 53
refused 1 'capture filter "vlan 5000": VLAN tag 5000 greater than maximum 4095' "$hook" vlan 5000
refused 1 'capture filter "udp[0:3] = 1": data size must be 1, 2, or 4' "$hook" 'udp[0:3] = 1'
refused 1 'capture filter "ip broadcast": netmask not known, so '"'ip broadcast' not supported" "$hook" ip broadcast

# The output.
check_refusal 1 "xdpshark: cannot open $HOME/missing/file: No such file or directory: create its directory first" \
	xdpshark capture "$hook" -w "$HOME/missing/file"
refused 1 "cannot open the log file $HOME/missing/log: No such file or directory" "$hook" --log-file "$HOME/missing/log"

check_equal "slots" "" "$(slots_taken "$hook")"
