#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wireshark names FIFOs and its temporary file after the hook: it also captures from one with the longest name.
set -eu
. "$(dirname "$0")/steps.sh"
command -v tshark >/dev/null || { echo "SKIP: needs tshark"; exit 77; }
example_create
folder=/sys/fs/bpf/$(printf 'f%.0s' {1..120})
mkdir "$folder"
for name in "$(printf 'n%.0s' {1..255})" "$(printf '\xc3\xbc%.0s' {1..127})"; do
	mv "$hook" "$folder/$name"
	hook=$folder/$name
	value=$(xdpshark --extcap-interfaces | sed -n 's/^interface {value=\(xdp:[^}]*\)}.*/\1/p')
	TMPDIR=$HOME timeout 60 tshark -i "$value" -c 1 -T fields -e udp.dstport >"$HOME/read" 2>"$HOME/errors" &
	tshark=$!
	wait_for 20 is_capturing "$hook" || fail "tshark does not capture: $(cat "$HOME/errors")"
	send --count 1 1001 >/dev/null
	wait $tshark || fail "tshark failed: $(cat "$HOME/errors")"
	check_equal "packets" 1001 "$(cat "$HOME/read")"
	wait_for 20 is_not_capturing "$hook" || fail "slots are left taken"
done
