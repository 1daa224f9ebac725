#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A new version of the program pins a map of its own at the path of a running capture: without --follow one line says
# that the capture sees nothing of it, also in JSON, and as an extcap.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
text="hook $hook: another map is pinned there now, as by a new version of the program: this capture goes on with the old one and sees nothing of the new: start it again, with --follow"

capture_start --comments full -w "$file"
send_seen 2
bpftool map pin pinned "$hook" /sys/fs/bpf/kept
rm "$hook"
new_version second
wait_said "xdpshark: $text"
attach second
wait_said "its program is no longer attached to a device"
send_seen 4
finish
check_equal "packets" 2 "$(packets)"
check_said 1 "another map"
check_equal "slots of the old hook" "" "$(slots_taken /sys/fs/bpf/kept)"
check_equal "slots of the new hook" "" "$(slots_taken "$hook")"

# For programs.
capture_start --comments full -w "$file" --json
rm "$hook"
new_version third
wait_said "{\"message\":\"$text"
finish
python3 -c 'import json, sys
for line in open(sys.argv[1]): json.loads(line)' "$HOME/errors"

# As Wireshark starts it: this is all that it shows as an error.
attach third
mkfifo "$HOME/fifo"
cat "$HOME/fifo" >"$file" &
reader=$!
xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" --log-file "$HOME/log" 2>"$HOME/errors" &
capture=$!
capture_wait
bpftool map pin pinned "$hook" /sys/fs/bpf/third_hook
rm "$hook"
bpftool map pin pinned /sys/fs/bpf/third_hook "$hook"
rm "$hook"
new_version fourth
wait_said "$text"
finish
wait $reader
check_equal "lines for the user" 1 "$(grep -cv 'is no longer pinned' "$HOME/errors")"
grep -qF "$text" "$HOME/log" || fail "the log does not tell it: $(cat "$HOME/log")"
