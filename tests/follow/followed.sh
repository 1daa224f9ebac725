#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --follow: a capture moves on to the hook that a new version of the program pins, in the same file; each packet
# has the version that it went through.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
first=$(program_id /sys/fs/bpf/example)

# Two in a row; the second one after the pin was gone for a while, with a map that belongs to no program at first.
capture_start --follow --comments full -w "$file"
send_seen 3
bpftool map pin pinned "$hook" /sys/fs/bpf/first_hook
rm "$hook"
new_version second
second=$(program_id /sys/fs/bpf/second)
wait_said "hook $hook: followed to the map that is pinned there now (id "
check_equal "slots of the first hook" "" "$(slots_taken /sys/fs/bpf/first_hook)"
is_capturing || fail "slots $(slots_taken "$hook") of the second hook are taken"
attach second
wait_said "now used by example#$second on server0"
send_seen 4
bpftool map pin pinned "$hook" /sys/fs/bpf/second_hook
rm "$hook"
wait_said "hook $hook: is no longer pinned there: this capture goes on with it as long as a program uses it, and then with the hook that is pinned there next"
send_seen 5
bpftool map create "$hook" type prog_array key 4 value 4 entries 5 name example_hook
new_version third
third=$(program_id /sys/fs/bpf/third)
attach third
wait_said "used by example#$third on server0"
is_capturing || fail "slots $(slots_taken "$hook") of the third hook are taken"
send_seen 6
finish
check_equal "packets of each program" "$first:3 $second:9 $third:6 " "$(programs_of_packets)"
check_said 2 "followed to"
for name in "$hook" /sys/fs/bpf/first_hook /sys/fs/bpf/second_hook; do
	check_equal "slots of $name" "" "$(slots_taken "$name")"
done

# Under traffic: no packet is counted twice or forgotten. Another capture without --follow stays where it is.
xdpshark capture "$hook" -w "$HOME/other" 2>"$HOME/other.errors" &
other=$!
capture_start --follow --comments full -w "$file" -a drop
traffic_start 1001
for version in a b c; do
	bpftool map pin pinned "$hook" "/sys/fs/bpf/before_$version"
	rm "$hook"
	new_version $version
	attach $version
	wait_said "$(program_id /sys/fs/bpf/$version) on server0"
	wait_for 20 server_has_received $(($(server_received) + 100)) || fail "no traffic"
done
traffic_end
finish
check_equal "versions in the file" "$(for version in third a b c; do program_id /sys/fs/bpf/$version; done | tr '\n' ' ')" \
	"$(programs_of_packets | tr ' ' '\n' | sed 's/:.*//' | tr '\n' ' ')"
kill $other
wait $other || fail "the other capture failed: $(cat "$HOME/other.errors")"
grep -q 'another map is pinned there now' "$HOME/other.errors" || fail "the other one does not report it: $(cat "$HOME/other.errors")"
for name in "$hook" /sys/fs/bpf/before_a /sys/fs/bpf/before_b /sys/fs/bpf/before_c; do
	check_equal "slots of $name" "" "$(slots_taken "$name")"
done

# A slot of the new hook is somebody else's: reported once, and followed as soon as it is free.
mv "$hook" /sys/fs/bpf/c_hook
new_version d
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/d
mv "$hook" /sys/fs/bpf/d_hook
mv /sys/fs/bpf/c_hook "$hook"
capture_launch "$hook" --follow --comments full -w "$file" -a drop,pass
capture_wait "1 2"
mv -f /sys/fs/bpf/d_hook "$hook"
wait_said "another map is pinned there now, which cannot be followed yet: hook $hook: its slot DROP holds program"
bpftool map delete pinned "$hook" key 1 0 0 0
wait_said "followed to"
finish
check_said 1 "cannot be followed yet"

# A new version for which the capture's programs are unsuitable ends it.
capture_start --follow --comments full -w "$file"
rm "$hook"
new_version old "$example_old"
finish 1
grep -q "^xdpshark: hook $hook: the new one has 4 slots, and so none for REDIRECT" "$HOME/errors" || fail "$(cat "$HOME/errors")"
rm "$hook"
new_version e
capture_start --follow --comments full -w "$file"
attach e
wait_said "on server0"
send_seen 2
rm "$hook"
new_version frags "$example_frags"
finish 1
grep -q "^xdpshark: hook $hook: the new one is for programs of another kind (XDP with fragments, before XDP)" "$HOME/errors" || fail "$(cat "$HOME/errors")"
check_equal "packets" 2 "$(packets)"
