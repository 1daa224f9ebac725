#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A slot that holds somebody else's program is not taken.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
echo "somebody's capture" >"$HOME/mine"
cp "$HOME/mine" "$HOME/before"

slots()
{
	bpftool map dump pinned "$hook"
}

# refused TEXT ARGUMENT...: nothing changes in the slots or the file.
refused()
{
	local text=$1 before
	shift
	before=$(slots)
	check_refusal 1 "xdpshark: $text" xdpshark capture -w "$HOME/mine" "$@"
	check_equal "slots after: $*" "$before" "$(slots)"
	cmp "$HOME/before" "$HOME/mine" || fail "the file is not what it was after: $*"
}

# Another capture (with the same actions: tests/share).
capture_launch "$hook" -w "$file" -a drop,tx
capture_wait "1 3"
# Other actions can be captured at the same time.
xdpshark capture "$hook" -w "$HOME/other" -a pass -c 1 &
other=$!
wait_for 20 is_capturing "$hook" "1 2 3" || fail "no second capture"
send --count 5 1000 1001 1002 1003 1004 >/dev/null
wait_for 20 process_has_ended "$other"
check_equal "slots" "1 3" "$(slots_taken "$hook")"
capture_end
check_equal "packets of the first" 2 "$(packets)"
check_equal "packets of the second" 1 "$(packets "$HOME/other")"

# The same hook twice.
refused "$hook and $hook are the same hook: name it once" "$hook" "$hook"

# A program that is not ours, put there by the hook's own user.
bpftool prog load "$example" /sys/fs/bpf/foreign
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
refused "hook $hook: its slot DROP holds program $(program_in 1) (example), which is not xdpshark's: end the capture that put it there, capture other actions, or pass --share-foreign" "$hook"
# One that comes during a capture stays after it.
capture_launch "$hook" -w "$file" -a pass,tx
capture_wait "1 2 3"
bpftool map update pinned "$hook" key 2 0 0 0 value pinned /sys/fs/bpf/foreign
foreign=$(program_in 2)
kill "$capture"
wait_for 20 process_has_ended "$capture"
check_equal "slots" "1 2" "$(slots_taken "$hook")"
check_equal "program in the slot PASS" "$foreign" "$(program_in 2)"
