#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The program behind a hook is replaced by another one that uses the same map, is detached, or ends: the capture says
# so, and packets have the program that they went through.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
first=$(program_id /sys/fs/bpf/example)

capture_start --comments full -w "$file"
send_seen 2
new_version second
second=$(program_id /sys/fs/bpf/second)
attach second
rm /sys/fs/bpf/example
wait_said "hook $hook: now used by example#$second on server0"
send_seen 3
on "$server" bpftool net detach xdp dev server0
wait_said "hook $hook: its program is no longer attached to a device (example#$second, before: example#$second on server0"
attach second
wait_said "(before: example#$second): the capture goes on"
send_seen 4
on "$server" bpftool net detach xdp dev server0
rm /sys/fs/bpf/second
wait_said "hook $hook: no program uses it any more (before: "
wait_said "no packets come until one is loaded that uses the pinned map"
new_version third
attach third
wait_said "now used by example#$(program_id /sys/fs/bpf/third) on server0"
send_seen 5
finish
check_equal "packets of each program" "$first:2 $second:7 $(program_id /sys/fs/bpf/third):5 " "$(programs_of_packets)"
check_said 1 "no program uses it any more"
check_equal "slots" "" "$(slots_taken "$hook")"

# Its last user goes after the pin.
capture_start --comments full -w "$file"
send_seen 1
rm "$hook"
wait_said "is no longer pinned"
on "$server" bpftool net detach xdp dev server0
rm /sys/fs/bpf/third
wait_said "no packets will come any more: stop this capture"
finish
check_equal "packets" 1 "$(packets)"
