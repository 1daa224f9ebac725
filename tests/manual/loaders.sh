#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/loaders.md: its program, as it stands there, is compiled, and loaded as it says by each loader that is installed, which
# pins the hook where it says. (tests/capture/loaders.sh captures from hooks in every kind and mode.)
set -eu
. "$(dirname "$0")/../capture/steps.sh"
doc=$tests/../docs/loaders.md
cd "$HOME"
world_create
ip -n "$server" link set dev server0 xdp off 2>/dev/null || true

# block LANGUAGE NUMBER: the text of a block of code.
block()
{
	awk -v "first=\`\`\`$1" -v "number=$2" '$0 == first { count++; inside = count == number; next } /^```/ { inside = 0 } inside' "$doc"
}
block c 1 >fw.c
sed 's/XDPSHARK_HOOK(fw)/XDPSHARK_HOOK_UNPINNED(fw)/' fw.c >unpinned.c
cmp -s fw.c unpinned.c && fail "there is no XDPSHARK_HOOK(fw) in docs/loaders.md"
for name in fw unpinned; do
	clang -O2 -g -target bpf "-I/usr/include/$(gcc -print-multiarch)" -I/usr/local/include -c $name.c -o $name.o
done

# hooked HOW PATH: that hook is there, with the device, and nothing else is.
hooked()
{
	wait_for 20 is_listed "$2 server0" || fail "$1: $(xdpshark list 2>&1)"
	xdpshark capture -q "$2" --duration 0.1 -w "$file" || fail "$1: no capture"
	grep -qF "\`$2\`" "$doc" || fail "docs/loaders.md does not say $2"
}
is_listed()
{
	[ "$(xdpshark list --json | python3 -c 'import json, sys
for h in json.load(sys.stdin):
    if h["path"]: print(h["path"], *[d["name"] for d in h["devices"]])')" = "$1" ]
}
unloaded()
{
	find /sys/fs/bpf -type f \( -name 'fw*' -o -name firewall \) -delete
}

on "$server" ip link set dev server0 xdp obj fw.o sec xdp
hooked "ip" /sys/fs/bpf/tc/globals/fw
on "$server" ip link set dev server0 xdp off
unloaded

bpftool prog load fw.o /sys/fs/bpf/firewall
on "$server" bpftool net attach xdp pinned /sys/fs/bpf/firewall dev server0
hooked "bpftool prog load" /sys/fs/bpf/fw
on "$server" bpftool net detach xdp dev server0
unloaded

bpftool prog loadall unpinned.o /sys/fs/bpf/fw_progs pinmaps /sys/fs/bpf/fw_maps
on "$server" bpftool net attach xdp pinned "$(echo /sys/fs/bpf/fw_progs/*)" dev server0
hooked "bpftool prog loadall" /sys/fs/bpf/fw_maps/fw
on "$server" bpftool net detach xdp dev server0
rm -r /sys/fs/bpf/fw_progs /sys/fs/bpf/fw_maps

block c 2 >load.c
cc -Wall -Wextra -Werror -O2 -o load load.c -lbpf
mkfifo wait
nsenter --net="/run/netns/$server" -- ./load server0 <wait &
exec 9>wait
hooked "libbpf" /sys/fs/bpf/fw
exec 9>&-
wait $!
unloaded

gocode=/usr/share/gocode/src/github.com/cilium/ebpf
if command -v go >/dev/null && [ -d $gocode ]; then
	mkdir -p go/src/load
	cp "$tests/manual/cilium/load.go" go/src/load/
	(cd go/src/load && GO111MODULE=off GOPATH=$HOME/go:/usr/share/gocode GOCACHE=${GOCACHE:-/tmp/xdpshark-go} GOFLAGS=-p=1 go build -o "$HOME/load-go" .)
	nsenter --net="/run/netns/$server" -- ./load-go fw.o firewall server0 <wait &
	exec 9>wait
	hooked "cilium/ebpf" /sys/fs/bpf/fw
	exec 9>&-
	wait $!
	unloaded
	# What the page shows is a part of that program.
	block go 1 | sed 's/^\t*//; /^$/d' | while read -r line; do
		grep -qF "$line" go/src/load/load.go || fail "docs/loaders.md: load.go has no line $line"
	done
else
	echo "not tried: Go (golang-github-cilium-ebpf-dev is not installed)"
fi

if command -v xdp-loader >/dev/null; then
	# libxdp puts programs on a device with freplace, which not every kernel lets be loaded: then as the only program.
	if on "$server" xdp-loader load -p /sys/fs/bpf server0 fw.o >loader.log 2>&1; then
		hooked "xdp-loader" /sys/fs/bpf/fw
	else
		echo "not tried: xdp-loader: $(tail -n 1 loader.log)"
	fi
else
	echo "not tried: xdp-loader (xdp-tools is not installed)"
fi
