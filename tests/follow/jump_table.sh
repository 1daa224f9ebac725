#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture leaves its hook when a program is loaded that uses it as a jump table, and does not follow to one.
set -eu
. "$(dirname "$0")/steps.sh"
programs=$BUILD/tests/programs
example_create

# use_hook NAME OBJECT: loads a program that uses the array of our hook, which libbpf pins once more.
use_hook()
{
	bpftool prog loadall "$programs/$2.bpf.o" "/sys/fs/bpf/$1" map name array pinned "$hook"
	rm -f /sys/fs/bpf/array
}

# ends_by REASON: the capture ends with what it has captured, and gives its slots back.
ends_by()
{
	finish 1
	grep -qE "^xdpshark: the capture has ended: a program was loaded that uses its hook differently: $hook: $1" "$HOME/errors" ||
		fail "$(cat "$HOME/errors")"
	check_equal "packets" 3 "$(packets)"
	check_equal "slots" "" "$(slots_taken "$hook")"
}

capture_start -w "$file"
send_seen 3
use_hook late table
ends_by "a jump table, not a hook: program dispatch#[0-9]+ "
check_run 1 xdpshark capture "$hook" -w "$HOME/none"
rm -r /sys/fs/bpf/late

capture_start -w "$file"
send_seen 3
use_hook late table_perhaps
ends_by "perhaps a hook, perhaps a jump table: program dispatch#[0-9]+ "

# With --unproven it stays if it may still be a hook.
capture_start --unproven -w "$file"
send_seen 3
use_hook later table_perhaps
wait_said "dispatch#"
is_capturing || fail "slots $(slots_taken "$hook") are taken"
use_hook last table_mixed
ends_by "a jump table, not a hook: program dispatch#[0-9]+ "
rm -r /sys/fs/bpf/late /sys/fs/bpf/later /sys/fs/bpf/last

# With --follow: it does not move to a jump table, nor without --unproven to what may be one.
capture_start --follow -w "$file"
send_seen 2
for object in table table_perhaps; do
	bpftool prog loadall "$programs/$object.bpf.o" "/sys/fs/bpf/$object"

	mv /sys/fs/bpf/array "/sys/fs/bpf/array_$object"
done
mv "$hook" /sys/fs/bpf/first_hook
mv /sys/fs/bpf/array_table "$hook"
wait_said "hook $hook: what is pinned there now is no hook, this capture goes on with the old one: $hook: a jump table, not a hook: program dispatch#"
mv "$hook" /sys/fs/bpf/array_table
mv /sys/fs/bpf/array_table_perhaps "$hook"
wait_said "hook $hook: another map is pinned there now, which cannot be followed yet: $hook: perhaps a hook, perhaps a jump table: program dispatch#"
for name in "$hook" /sys/fs/bpf/array_table; do
	[ -z "$(bpftool map dump pinned "$name" | grep -o 'value: [0-9]*')" ] || fail "slots of $name are taken"
done
send_seen 2
finish
check_equal "packets" 4 "$(packets)"
