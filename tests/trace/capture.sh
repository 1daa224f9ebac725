#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# capture.sh OBJECT: an XDP program that nobody has prepared is captured by the name of its device: what came in and
# what went out, dropped packets alone, and what it did to them. Where the kernel does not allow it, that is said.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
object=$1
world_create
on "$server" bpftool prog loadall "$object" /sys/fs/bpf/traced
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/traced/a_program_with_a_long_name dev server0
point=xdp-prog:$server:server0
python=/usr/bin/python3

# send KIND...: see traced.h.
send()
{
	on "$client" "$(dirname "$0")/send_kinds.py" client0 "$@"
}

# A point that is not there is refused as one.
check_run 1 xdpshark capture xdp-prog:nowhere0 -w "$file"
grep -q '^xdpshark: no XDP program is on device nowhere0 ' "$HOME/stderr" || fail "$(cat "$HOME/stderr")"

# It is followed anyway: to ask for it is no fault.
status=0
with_limit xdpshark capture "$point" --follow -c 1 --duration 0.1 -w "$file" 2>"$HOME/stderr" || status=$?
if [ $status != 0 ]; then
	grep -q "^xdpshark: the XDP program on $server:server0 cannot be captured: this kernel .*; give it a hook" \
		"$HOME/stderr" || fail "no reason: $(cat "$HOME/stderr")"
	[ -z "${TRACING_NEEDED:-}" ] || fail "$(cat "$HOME/stderr")"
	xdpshark --extcap-interfaces | grep -qF "interface {value=$point}{display=XDP program a_program_with_a_long_name on server0 (netns $server) (cannot be captured: this kernel " ||
		fail "not among the interfaces, with the reason: $(xdpshark --extcap-interfaces)"
	refusal=$(xdpshark list --json | "$python" -c '
import json, sys
print(*[p["refusal"] for p in json.load(sys.stdin) if p["interface"] == sys.argv[1]])' "$point")
	grep -qxF "xdpshark: the XDP program on $server:server0 cannot be captured: $refusal" "$HOME/stderr" ||
		fail "the list has another reason: $refusal"
	xdpshark list 2>/dev/null | grep -qF "cannot be captured: $refusal" || fail "the table has no reason"
	exit 0
fi
xdpshark --extcap-interface "$point" --extcap-config | grep -q '{call=--filter-at}.*{type=selector}' ||
	fail "no selector: $(xdpshark --extcap-interface "$point" --extcap-config)"
xdpshark --extcap-interfaces | grep -qF "interface {value=$point}{display=XDP program a_program_with_a_long_name on server0" ||
	fail "not among the interfaces: $(xdpshark --extcap-interfaces)"

check_equal "rows of the device" 1 "$(xdpshark list 2>/dev/null | grep -c "server0 ")"
check_run 0 xdpshark list
! grep ' $' "$HOME/stdout" || fail "blanks at the end of a line"
! grep "No hooks" "$HOME/stderr" || fail "a hook is missed where programs are captured without one"

# captures ARGUMENT... -- KIND...: what a capture writes of these packets.
captures()
{
	local arguments=()
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	: >"$HOME/errors"
	xdpshark capture "$point" -v -w "$file" "${arguments[@]}" 2>"$HOME/errors" &
	capture=$!
	wait_for 60 grep -q "apturing" "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
	send "$@"
	kill -s TERM "$capture"
	wait_for 20 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
}

# comments: of the packets, without the time in the program.
comments()
{
	blocks "$file" EPB comment | sed 's/ ns=[1-9][0-9]*//' | paste -sd '|'
}

captures 'ether proto 0x88b5' -- 0 1 2 3 4
check_equal "interfaces of the file" "server0:a_program_with_a_long_name()@fentry|server0:a_program_with_a_long_name()@fexit" \
	"$(blocks "$file" IDB name | paste -sd '|')"
check_equal "entries and exits" "xdp at=entry|xdp at=exit action=PASS|xdp at=entry|xdp at=exit action=DROP|xdp at=entry|xdp at=exit action=TX changed=bytes|xdp at=entry|xdp at=exit action=TX changed=head|xdp at=entry|xdp at=exit action=DROP changed=tail" \
	"$(comments)"
blocks "$file" EPB comment | grep -q 'at=exit .* ns=[1-9]' || fail "no time in the program: $(blocks "$file" EPB comment)"

captures -a drop 'ether proto 0x88b5' -- 0 1 2 3 4
check_equal "drops" "xdp at=entry|xdp at=exit action=DROP|xdp at=entry|xdp at=exit action=DROP changed=tail" \
	"$(comments)"

captures --at entry -a drop 'ether proto 0x88b5' -- 0 1 2 4
check_equal "drops as they came in" "xdp at=entry action=DROP|xdp at=entry action=DROP" "$(comments)"
check_equal "length of both" "100|100" "$(blocks "$file" EPB wire | paste -sd '|')"
check_equal "interface for entries alone, and its statistics" "server0:a_program_with_a_long_name()@fentry 1" \
	"$(blocks "$file" IDB name | paste -sd '|') $(blocks "$file" ISB received | wc -l)"

# What the filter looks at does not depend on what is captured: packets of kind 2 are rewritten to match.
after='ether[20] == 0xee'
before='ether[14] == 2 and ether[20] == 140'
captures "$after" -- 0 1 2 4
check_equal "nothing came in so" "" "$(comments)"
captures --filter-at exit "$after" -- 0 1 2 4
check_equal "what went out so" "xdp at=entry|xdp at=exit action=TX changed=bytes" "$(comments)"
check_equal "one number for both" 1 "$(blocks "$file" EPB packet | sort -u | wc -l)"
captures --filter-at exit --at entry "$after" -- 0 1 2 4
check_equal "what went out so, as it came in" "xdp at=entry action=TX" "$(comments)"
captures --filter-at exit --at exit "$after" -- 0 1 2 4
check_equal "what went out so, alone" "xdp at=exit action=TX" "$(comments)"
captures --filter-at exit "$before" -- 0 1 2 4
check_equal "nothing went out so" "" "$(comments)"
captures --at exit "$before" -- 0 1 2 4
check_equal "what came in so, as it went out" "xdp at=exit action=TX" "$(comments)"
for filter in "$before" "$after"; do
	captures --filter-at either "$filter" -- 0 1 2 4
	check_equal "what came in or went out so" "xdp at=entry|xdp at=exit action=TX changed=bytes" "$(comments)"
done
captures --filter-at either -a drop "$before" -- 0 1 2 4
check_equal "nothing of that was dropped" "" "$(comments)"
check_run 2 xdpshark capture "$point" --filter-at both
grep -q "filter-at" "$HOME/stderr" || fail "$(cat "$HOME/stderr")"

# A program that takes the place of the captured one is followed.
: >"$HOME/errors"
xdpshark capture "$point" -v -w "$file" 'ether proto 0x88b5' 2>"$HOME/errors" &
capture=$!
wait_for 60 grep -q "apturing" "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
send 1
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/traced/leaf dev server0 overwrite
wait_for 30 grep -q "XDP program on $server:server0: now used by leaf.*: the capture goes on" "$HOME/errors" || fail "not followed: $(cat "$HOME/errors")"
send 0
kill -s TERM "$capture"
wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
check_equal "packets of both programs" "xdp at=entry|xdp at=exit action=DROP|xdp at=entry|xdp at=exit action=DROP" \
	"$(comments | sed 's/ prog=leaf#[0-9]*//g; s/ if=server0//g; s/ queue=0//g; s/ cpu=[0-9]*//g')"

# Taken off the device, and attached again: both are said, packets come again, and their comments are short, as the
# interface in the file is still described by this program.
rm "$file"
: >"$HOME/errors"
xdpshark capture "$point" -w "$file" --at exit 'ether proto 0x88b5' 2>"$HOME/errors" &
capture=$!
wait_for 30 test -s "$file" || fail "no capture: $(cat "$HOME/errors")"
on "$server" bpftool net detach xdpdrv dev server0
wait_for 30 grep -q "^xdpshark: XDP program on $server:server0: none is there any more: " "$HOME/errors" ||
	fail "nothing is said: $(cat "$HOME/errors")"
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/traced/leaf dev server0
wait_for 30 grep -q "^xdpshark: XDP program on $server:server0: packets come again" "$HOME/errors" ||
	fail "nothing is said: $(cat "$HOME/errors")"
send 1
kill -s TERM "$capture"
wait_for 20 process_has_ended "$capture" || fail "the capture does not end"
wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
check_equal "what came after that" "xdp at=exit action=DROP" "$(comments)"

# One program on two devices.
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/traced/leaf dev server1
check_run 0 xdpshark capture "$point" "xdp-prog:$server:server1" --at exit --duration 0.1 -w "$file"
check_equal "interfaces for both" "server0:leaf()@fexit|server1:leaf()@fexit" "$(blocks "$file" IDB name | paste -sd '|')"

# Nothing is left of one that is killed.
: >"$HOME/errors"
xdpshark capture "$point" -v -w "$file" 2>"$HOME/errors" &
capture=$!
wait_for 60 grep -q "apturing" "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
kill -s KILL "$capture"
tracers()
{
	bpftool prog show | grep -c 'tracing.*name xdpshark' || true
}
none_is_left()
{
	[ "$(tracers)" = 0 ]
}
wait_for 20 none_is_left || fail "programs of a killed capture: $(bpftool prog show)"
