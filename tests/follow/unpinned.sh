#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The pin of a hook is removed during a capture, which says so once, goes on, and gives the slots back at its
# end.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# said_times COUNT TEXT
said_times()
{
	[ "$(grep -cF -- "$2" "$HOME/errors")" = "$1" ]
}

capture_start --comments full -w "$file"
bpftool map pin pinned "$hook" /sys/fs/bpf/kept
rm "$hook"
wait_said "hook $hook: is no longer pinned there: this capture goes on as long as a program uses it"
send_seen 3
is_capturing /sys/fs/bpf/kept || fail "slots $(slots_taken /sys/fs/bpf/kept) are taken"
# The same map again, and something else.
bpftool map pin pinned /sys/fs/bpf/kept "$hook"
wait_said "hook $hook: is pinned there again"
rm "$hook"
wait_for 30 said_times 2 "is no longer pinned there" || fail "the second removal is not reported: $(cat "$HOME/errors")"
bpftool map create "$hook" type hash key 4 value 4 entries 1 name secret
wait_said "hook $hook: what is pinned there now is no hook, this capture goes on with the old one: $hook: a BPF map of type hash is pinned there"
rm "$hook"
wait_for 30 said_times 3 "is no longer pinned there" || fail "the removal of the other map is not reported: $(cat "$HOME/errors")"
ln -s kept "$hook"
wait_said "$hook: a symbolic link"
send_seen 2
finish
check_equal "packets" 5 "$(packets)"
check_said 1 "is pinned there again"
check_equal "slots after the capture" "" "$(slots_taken /sys/fs/bpf/kept)"
