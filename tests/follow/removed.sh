#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The device, and then the network namespace, of a captured program is removed: the capture says so, keeps what
# it has, and ends when asked to.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
id=$(program_id /sys/fs/bpf/example)

# The pinned program stays.
capture_start --comments full -w "$file"
send_seen 2
ip -n "$server" link del server0
wait_said "hook $hook: its program is no longer attached to a device (example#$id, before: example#$id on server0"
! process_has_ended "$capture" || fail "the capture has ended by itself"
finish
check_equal "packets" 2 "$(packets)"
check_equal "slots" "" "$(slots_taken "$hook")"

# The program goes with the namespace.
world_remove
rm /sys/fs/bpf/pass /sys/fs/bpf/example
example_create
capture_start --comments full -w "$file" --follow
rm /sys/fs/bpf/example
send_seen 3
ip netns del "$server"
wait_said "hook $hook: no program uses it any more (before: "
finish
check_equal "packets" 3 "$(packets)"
check_equal "slots" "" "$(slots_taken "$hook")"
