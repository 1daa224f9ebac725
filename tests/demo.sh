#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shows xdpshark at work on this machine, with packets of its own. Installs nothing but Debian
# packages, and does not touch existing devices or namespaces.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
hook=/sys/fs/bpf/example_hook

# A program that nobody has prepared. The kernel must let it be traced.
show_program()
{
	local point=xdp-prog:$server:server0 tshark
	say "two hosts in network namespaces, and on one of them an XDP program that drops long DNS queries"
	bpftool prog load "$BUILD/tests/programs/firewall.bpf.o" /sys/fs/bpf/firewall
	on "$server" bpftool net attach xdp pinned /sys/fs/bpf/firewall dev server0
	xdpshark list 2>/dev/null
	if ! xdpshark capture "$point" -c 1 --duration 0.1 -w /dev/null 2>"$HOME/errors"; then
		say "$point cannot be shown on this machine"
		cat "$HOME/errors"
		return
	fi

	say "tshark -i $point -f 'udp port 53' -Y 'xdp.action == DROP', while the client sends long and short queries"
	tshark -l -i "$point" -f 'udp port 53' -a duration:60 -c 16 -Y 'xdp.action == DROP' \
		-T fields -e frame.interface_name -e ip.src -e udp.dstport -e frame.len -e xdp.action -e frame.comment \
		2>"$HOME/errors" &
	tshark=$!
	while kill -0 $tshark 2>/dev/null; do
		world_send 53 1
		world_send 53 1 "$(printf '%0150d' 0)"
		read -r -t 0.2 <> <(:) || true
	done
	wait $tshark || { cat "$HOME/errors"; die "tshark failed"; }
}

# A program with a hook, on any kernel.
show_hook()
{
	local tshark capture
	say "an XDP program with a hook, which drops UDP port 1001"
	world_attach "$BUILD/tests/programs/example.bpf.o"
	xdpshark list 2>/dev/null

	say "tshark -i xdp:$hook -f udp -Y 'xdp.action == DROP', while the client sends to ports 1000 to 1004"
	tshark -l --disable-protocol find -i "xdp:$hook" -f udp -a duration:30 -c 5 -Y 'xdp.action == DROP' \
		-o 'gui.column.format:"Time","%t","Source","%s","Destination","%d","Info","%i","XDP","%Cus:xdp.action:0:R","Program","%Cus:xdp.program:0:R"' \
		2>"$HOME/errors" &
	tshark=$!
	wait_for 15 is_capturing || { cat "$HOME/errors"; die "tshark does not capture"; }
	for port in 1000 1001 1002 1003 1004; do
		world_send $port 1
	done
	wait $tshark || { cat "$HOME/errors"; die "tshark failed"; }
	wait_for 15 is_not_capturing || die "the capture left something in the hook's slots"

	say "the same on the command line: what was done to each of the packets"
	xdpshark capture "$hook" --count 5 udp 2>/dev/null >"$HOME/all.pcapng" &
	capture=$!
	wait_for 15 is_capturing || die "xdpshark does not capture"
	for port in 1000 1001 1002 1003 1004; do
		world_send $port 1
	done
	wait $capture
	tshark -r "$HOME/all.pcapng" -T fields -e ip.src -e ip.dst -e udp.dstport -e xdp.action -e frame.comment 2>/dev/null
}

show()
{
	. "$top/tests/world.sh"
	. "$top/tests/prepare.sh"
	world_create
	show_program
	on "$server" bpftool net detach xdp dev server0
	show_hook
}

if [ "${1:-}" = inside ]; then
	show
	exit
fi
cd "$top"
[ "$(id -u)" = 0 ] || { echo "demo.sh: needs root, for BPF and network namespaces: sudo tests/demo.sh" >&2; exit 1; }
. "$top/tests/prepare.sh"
prepare_packages demo
prepare_build build/demo -DXDPSHARK_BUILD_TESTS=OFF
timeout 120 "$top/tests/sandbox" build/demo "$top/tests/demo.sh" inside
say "done: namespaces, programs and hooks are gone again; the build stays in build/demo"
