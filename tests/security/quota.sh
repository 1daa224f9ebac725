#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One member takes as much as possible: other members and root can still capture, and the machine has memory
# left.
set -eu
. "$(dirname "$0")/steps.sh"
machine_create
machine_example_create
$permit -a "" -g $group
total=1024 # MiB, of the machine that we make it believe in

# machine_has TOTAL AVAILABLE: MiB.
machine_has()
{
	umount /proc/meminfo 2>/dev/null || true
	printf 'MemTotal: %d kB\nMemFree: 1 kB\nMemAvailable: %d kB\n' $(($1 * 1024)) $(($2 * 1024)) >"$HOME/meminfo"
	mount --bind "$HOME/meminfo" /proc/meminfo
}

# Another hook.
mkdir /sys/fs/bpf/aside
mv $hook /sys/fs/bpf/aside/hook
bpftool prog load "$example" /sys/fs/bpf/other
mv $hook /sys/fs/bpf/other_hook
mv /sys/fs/bpf/aside/hook $hook
chmod 1777 /sys/fs/bpf

echo "-- places of a hook"
attack_hold quota.py member take_places 2 8
grep -q "^8 hook $hook: 8 captures of yours are on it" "$HOME/member" || fail "a member: $(cat "$HOME/member")"
attack_hold quota.py member2 take_places 1 8
check_equal "captures of a second member" 8 "$(cat "$HOME/member2")"
attack_hold quota.py member3 take_places 1 8
check_equal "captures of a third member" 8 "$(cat "$HOME/member3")"
attack_hold quota.py member4 take_places 1 1
grep -q "^0 hook $hook: its slot DROP has 24 captures already, and the remaining places are reserved for root" "$HOME/member4" ||
	fail "a fourth member: $(cat "$HOME/member4")"
capture_launch "$hook" -w "$file" -a drop -v
wait_for 20 grep -q 'capturing on' "$HOME/errors" || fail "root: $(cat "$HOME/errors")"
kill "$capture"
wait "$capture" || fail "root's capture failed: $(cat "$HOME/errors")"
attack_hold quota.py root take_places 1 5
grep -q "^4 hook $hook: its slot DROP has 28 captures already, and the kernel allows no more" "$HOME/root" || fail "root: $(cat "$HOME/root")"
for user in member member2 member3 member4 root; do
	attack_end $user
done
wait_for 60 is_not_capturing "$hook" || fail "slots are taken"

echo "-- memory of rings"
machine_has $total $total
attack quota.py member take_memory $((total / 4))
machine_has $total 64
attack quota.py member open_large 64 "64.0 MiB are left of this machine, of which a capture may take 32.0 MiB"
attack quota.py member open_large 32
attack quota.py root open_large 128 "64.0 MiB are left of this machine, of which a capture may take 48.0 MiB"
machine_has $total $total
attack quota.py root open_large $((total / 2))

echo "-- what is kept of captures that have ended"
attack quota.py member keep_small_maps
rm -f /sys/fs/bpf/small*

echo "-- instructions"
attack quota.py member take_instructions
attack quota.py root load_large

echo "-- a hook that is moved to"
map_id()
{
	bpftool -j map show pinned "$1" | grep -o '"id":[0-9]*' | cut -d: -f2
}
old=$(map_id $hook)
new=$(map_id /sys/fs/bpf/other_hook)
attack_hold quota.py member move "$old" "$new"
wait_for 60 grep -q opened "$HOME/member" || fail "$(cat "$HOME/member")"
rm $hook
bpftool map pin id "$new" $hook
touch "$HOME/own/moved"
wait "${attackers[member]}" || fail "a capture that is moved"

echo "-- somebody's lock is nobody else's"
exec 9>/run/xdpshark/quota.64001
flock 9
attack quota.py member wait_for_lock "another capture of yours has been starting"
attack quota.py member2 wait_for_lock
flock -u 9
attack quota.py member wait_for_lock
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"
