#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# toolbar.sh OBJECT: the toolbar of an XDP program without a hook pauses the capture; filter and actions are grey there,
# and stay as they are whatever comes.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/../capture/toolbar_steps.sh"
world_create
on "$server" bpftool net detach xdp dev server0 2>/dev/null || true
on "$server" bpftool prog loadall "$1" /sys/fs/bpf/traced
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/traced/a_program_with_a_long_name dev server0
point=xdp-prog:$server:server0
xdpshark capture "$point" --duration 0.1 -w "$file" 2>"$HOME/errors" ||
	{ echo "SKIP: kernel does not allow programs to be traced: $(cat "$HOME/errors")"; exit 77; }

# send_kind KIND...: see traced.h. Waits until the program has seen them.
send_kind()
{
	local before
	before=$(server_received)
	on "$client" "$(dirname "$0")/send_kinds.py" client0 "$@"
	wait_for 10 server_has_received $((before + $#)) || fail "packets have not arrived"
}

toolbar_point=$point toolbar_capture --at exit --extcap-capture-filter 'ether proto 0x88b5'
toolbar initialized
toolbar_wait '^disable 0'
for control in 5 6 7 8 9; do
	has_said "^disable $control" || fail "control $control is not grey"
done
send_kind 1
toolbar_change press 2
send_kind 1 1
toolbar_change press 2
send_kind 0
toolbar set 0 udp
toolbar tick 6 0
toolbar_change set 1 10
toolbar_change set 1 1
send_kind 1
toolbar_end
check_equal "packets" "action=DROP|action=PASS|action=DROP" \
	"$(blocks "$file" EPB comment | grep -o 'action=[A-Z]*' | paste -sd '|')"
check_equal "received, accepted, dropped" "5 5 0" "$(blocks "$file" ISB received accepted dropped | grep -v -e - | tr '\t' ' ')"
