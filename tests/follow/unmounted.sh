#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bpffs of a captured hook is unmounted, and mounted again: the capture goes on, says so, and gives the slots back
# through the map itself.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
folder=$HOME/bpf
mkdir "$folder"
mount -t bpf bpf "$folder"
bpftool map pin pinned "$hook" "$folder/fw"

capture_launch "$folder/fw" --comments full -w "$file" --follow
capture_wait
send_seen 2
wait_for 20 umount "$folder" || fail "the capture holds the mount"
wait_said "hook $folder/fw: the bpffs that it was pinned in is no longer mounted there: this capture goes on"
send_seen 3
mount -t bpf bpf "$folder"
bpftool map pin pinned "$hook" "$folder/fw"
wait_said "hook $folder/fw: is pinned there again"
# A new bpffs with a new hook, as after a container's start.
wait_for 20 umount "$folder"
mount -t bpf bpf "$folder"
bpftool map pin pinned "$hook" /sys/fs/bpf/first_hook
rm "$hook"
new_version second
attach second
bpftool map pin pinned "$hook" "$folder/fw"
wait_said "used by example#$(program_id /sys/fs/bpf/second) on server0"
send_seen 4
wait_for 20 umount "$folder"
rmdir "$folder"
finish
check_equal "packets" 9 "$(packets)"
for name in "$hook" /sys/fs/bpf/first_hook; do
	check_equal "slots of $name" "" "$(slots_taken "$name")"
done
