#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# If it cannot be decided whether an array is a hook, it is listed as "perhaps a hook". Only root can capture
# from it, and only with --unproven.
set -eu
. "$(dirname "$0")/steps.sh"
hook=/sys/fs/bpf/array
world_create
bpftool prog loadall "$BUILD/tests/programs/table_perhaps.bpf.o" /sys/fs/bpf/programs
on "$server" bpftool net attach xdp pinned /sys/fs/bpf/programs/dispatch dev server0
id=$(bpftool -j prog show pinned /sys/fs/bpf/programs/dispatch | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
doubt="program dispatch#$id does more after a tail call, which a capture would leave out (instruction"

xdpshark list | grep -qF "0 of 5; perhaps a hook: $doubt " || fail "$(xdpshark list)"
check_equal "list in JSON" "False $doubt" "$(xdpshark list --json | python3 -c '
import json, sys
hook, = (h for h in json.load(sys.stdin) if h["source"] == "xdp")
print(hook["proven"], hook["doubt"].rsplit(" ", 1)[0])')"
xdpshark --extcap-interfaces | grep -q "{display=Perhaps an XDP hook: array on .*(program dispatch)}" ||
	fail "$(xdpshark --extcap-interfaces)"

for arguments in "" "-a drop" "--share-foreign"; do
	# shellcheck disable=SC2086
	check_run 1 timeout 120 xdpshark capture "$hook" -w "$file" $arguments
	grep -qE "^xdpshark: $hook: perhaps a hook, perhaps a jump table: .* \(instruction [0-9]+\): only root may capture from it, with --unproven, and what happens to packets may then change$" "$HOME/stderr" ||
		fail "capture $arguments: $(cat "$HOME/stderr")"
	check_equal "slots after: capture $arguments" "" "$(slots_taken "$hook")"
done

capture_start -w "$file" --unproven
check_equal "packets that come back" 5 "$(on "$client" "$tests/capture/echo.py" 1000 1001 1002 1003 1004)"
capture_end
check_equal "packets" 5 "$(packets)"
