#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A path through root's symbolic links, such as iproute2's from xdp to tc, leads to the pin, whose own path is
# shown. Other links are refused with the path that they lead to.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
bpffs=/sys/fs/bpf
mkdir -p $bpffs/tc/globals $bpffs/a
real=$bpffs/tc/globals/example_hook
mv "$hook" $real
hook=$real

# captured PATH: a capture of it is one of the pin.
captured()
{
	capture_launch "$1" -v -w "$file"
	capture_wait
	send --count 1 1001 >/dev/null
	kill $capture
	wait $capture || fail "capture of $1: $(cat "$HOME/errors")"
	check_equal "packets of $1" 1 "$(packets)"
	check_equal "hook of $1" $real "$(described_hook)"
	grep -q "^capturing on .*, pinned at $real\$" "$HOME/errors" || fail "it says of $1: $(cat "$HOME/errors")"
}

ln -s tc $bpffs/xdp
ln -s $bpffs/xdp/globals $bpffs/absolute
ln -s ../absolute/./example_hook $bpffs/a/up
ln -s a/up $bpffs/far
captured $bpffs/xdp/globals/example_hook
captured $bpffs/far
captured xdp:$bpffs/absolute/example_hook
check_equal "hooks" $real "$(xdpshark list --json | python3 -c 'import json, sys; print(*[h["path"] for h in json.load(sys.stdin) if h["path"]])')"

# The link is removed while the capture runs, which does not matter.
capture_launch $bpffs/far -w "$file"
capture_wait
rm $bpffs/far
capture_end

refused()
{
	check_refusal 1 "xdpshark: $1: $2" xdpshark capture "$1" -w "$file"
}

mkdir "$HOME/bpf"
trap 'umount -q "$HOME/bpf" || true; world_remove' EXIT
mount -t bpf bpf "$HOME/bpf"
bpftool map pin pinned $real "$HOME/bpf/other"
ln -s ../../../etc/passwd $bpffs/out
ln -s /etc/passwd $bpffs/outright
ln -s "$HOME/bpf/other" $bpffs/elsewhere
ln -s $bpffs/../bpf/tc/globals/example_hook $bpffs/round
ln -s nowhere $bpffs/dangling
ln -s loop $bpffs/loop
ln -s tc $bpffs/theirs
chown -h 65534 $bpffs/theirs
refused $bpffs/out "leads through a symbolic link out of its bpffs, to ../../../etc/passwd: give the path of the pin itself"
refused $bpffs/outright "leads through a symbolic link out of its bpffs, to /etc/passwd: give the path of the pin itself"
refused $bpffs/elsewhere "leads through a symbolic link out of its bpffs, to $HOME/bpf/other: give the path of the pin itself"
refused $bpffs/round "leads through a symbolic link out of its bpffs, to $bpffs/../bpf/tc/globals/example_hook: give the path of the pin itself"
refused $bpffs/dangling/x "leads through a symbolic link to $bpffs/nowhere/x, where nothing is pinned (xdpshark list shows the hooks)"
refused $bpffs/loop "leads through too many symbolic links, the last one to loop: give the path of the pin itself"
refused $bpffs/theirs/globals/example_hook "leads through a symbolic link that is not root's to $real: give that path"
# From outside of bpffs.
ln -s $bpffs "$HOME/link"
refused "$HOME/link/tc/globals/example_hook" "leads to $real: give that path"
refused $bpffs/../bpf/tc/globals/example_hook "leads to $real: give that path"
umount "$HOME/bpf"
check_equal "slots" "" "$(slots_taken "$hook")"
