#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The toolbar of hooks of other kinds: for frames in fragments, where the filter looks further after a change; and with
# four slots, where REDIRECT cannot be ticked.
set -eu
. "$(dirname "$0")/steps.sh"
. "$(dirname "$0")/toolbar_steps.sh"

ports()
{
	blocks "$file" EPB payload | cut -d ' ' -f 1 | tr '\n' ' '
}

# begin OBJECT SLOTS: the world with that program, and a capture.
begin()
{
	world_create 3000
	world_attach "$1"
	toolbar_capture --extcap-capture-filter 'ether proto 0x800'
	capture_wait "$2"
	toolbar initialized
	toolbar_wait '^set 9'
}

begin "$example_frags" '0 1 2 3 4'
send --size 2500 --count 2 1001 1002 >/dev/null
# 0x20: what the payload is padded with.
toolbar_change set $filter_control 'udp[2400] = 0x20 and udp port 1001'
send --size 2500 --count 2 1001 1002 >/dev/null
send --count 2 1001 1002 >/dev/null
toolbar_change set $filter_control 'udp port 1002'
send --count 2 1001 1002 >/dev/null
toolbar_end
check_equal "captured ports of the hook for fragments" "1001 1002 1001 1002 " "$(ports)"
world_remove
rm /sys/fs/bpf/example /sys/fs/bpf/example_hook /sys/fs/bpf/pass

begin "$example_old" '0 1 2 3'
toolbar_wait '^disable 9'
check_equal "REDIRECT" 'set 9 \x00' "$(grep '^set 9' "$said" | tail -n 1)"
toolbar_change tick 6 0
capture_wait '0 2 3'
send --count 2 1001 1002 >/dev/null
toolbar_change tick 6 1
capture_wait '0 1 2 3'
send --count 2 1001 1002 >/dev/null
# What it has said at the start about the slot that is missing.
wait_for 10 grep -q 'none for REDIRECT' "$HOME/errors"
: >"$HOME/errors"
toolbar_end
check_equal "captured ports of the hook of four slots" "1002 1001 1002 " "$(ports)"
