#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a hook Wireshark shows one interface that says so; a capture on it says what to do. With a hook it is gone.
set -eu
. "$(dirname "$0")/steps.sh"
command -v tshark >/dev/null || { echo "SKIP: needs tshark"; exit 77; }
world_create

# said TEXT: by a capture on that interface, in tshark.
said()
{
	local status=0
	timeout 60 tshark -i xdp: -w "$file" >"$HOME/stdout" 2>"$HOME/stderr" || status=$?
	[ $status != 0 ] && [ $status != 124 ] || fail "tshark captures from nothing, or waits for ever: $status"
	check_equal "what tshark says" "$1" "$(sed -n 's/.*Error by extcap pipe: //p' "$HOME/stderr")"
}

# interfaces EXPECTED: of ours, in tshark's list.
interfaces()
{
	check_equal "interfaces" "$1" "$(tshark -D 2>/dev/null | sed -n 's/^[0-9]*\. \(xdp:.*\)/\1/p')"
}

interfaces "xdp: (XDP hooks (none: no program on this machine has one))"
said "no XDP program on this machine has a hook (client0 (netns $client) runs pass without one): give it one (README.md, \"Instrument a program\"), load it, and refresh the interface list (F5)"
check_run 0 xdpshark --extcap-config --extcap-interface xdp:
check_run 0 xdpshark --extcap-dlts --extcap-interface xdp:
check_equal "link types" "dlt {number=1}{name=EN10MB}{display=Ethernet}" "$(cat "$HOME/stdout")"

world_attach "$example"
interfaces "xdp:$hook (XDP hook example_hook on server0 (netns $server) (program example))"
check_refusal 1 "XDP hooks can be read now: refresh the interface list (F5) and choose one" \
	xdpshark --capture --extcap-interface xdp: --fifo /dev/null

# Without a bpffs the program has a hook, but nobody could ever name it.
while umount /sys/fs/bpf 2>/dev/null; do
	:
done
interfaces "xdp: (XDP hooks (none: no program on this machine has one))"
said "no bpffs is mounted, where hooks are pinned: mount -t bpf -o mode=0700 bpf /sys/fs/bpf, load the XDP program, and refresh the interface list (F5)"
check_run 0 xdpshark list
check_equal "what list says" "No hooks: no bpffs is mounted (mount -t bpf -o mode=0700 bpf /sys/fs/bpf)." "$(cat "$HOME/stderr")"
