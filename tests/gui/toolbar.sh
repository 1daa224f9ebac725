#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# toolbar.sh, run by tests/sandbox: a user at Wireshark's window changes a running capture with the toolbar.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/world.sh"
. "$top/tests/gui/desktop.sh"

missing=$(desktop_missing)
[ -z "$missing" ] || { echo "SKIP: $missing is not installed"; exit 77; }

hook=/sys/fs/bpf/example_hook

test_shown()
{
	toolbar_show
	wait_for 20 is_shown 'check box' '^REDIRECT$' || fail "the toolbar is not shown"
	ok "the toolbar is shown"
}

test_filter()
{
	send_each 1002 1002 1002 1001 1001
	wait_for 30 has_packets 3 || fail "the capture's own filter does not hold"
	toolbar_filter 'udp port 1001'
	wait_for 30 is_shown label '^XDP: the capture goes on' || fail "no line about the change"
	send_each 1002 1002 1002 1001 1001
	wait_for 30 has_packets 5 || fail "the toolbar's filter does not hold"
	ok "another filter is in force"
	wait_for 30 is_shown label '^XDP, packets a second: received ' || fail "no line about what is received"
	ok "the status bar shows what is received"
}

test_bad_filter()
{
	toolbar_filter 'udp prot 1'
	wait_for 30 is_shown label 'syntax error' || fail "no dialog says what is wrong"
	xdotool key Return
	wait_for 20 is_not_shown label 'syntax error' || fail "the dialog does not close"
	xdotool windowfocus --sync "$window"
	send_each 1002 1001
	wait_for 30 has_packets 6 || fail "the filter before does not hold any more"
	ok "a bad filter is refused once, and changes nothing"
}

test_actions()
{
	toolbar_filter 'udp'
	wait_for 30 is_shown label '^XDP: the capture goes on' || fail "no line about the change"
	click 'check box' '^DROP$'
	wait_for 30 is_capturing "$hook" '0 2 3 4' || fail "the slot of DROP is not left"
	send_each 1001 1002
	wait_for 30 has_packets 7 || fail "it is not so that DROP alone is left out"
	ok "an action is left out"
}

test_pause()
{
	click 'push button' '^Pause$'
	wait_for 30 is_shown 'push button' '^Go on$' || fail "it does not pause"
	send_each 1002 1002
	click 'push button' '^Go on$'
	wait_for 30 is_shown 'push button' '^Pause$' || fail "it does not go on"
	send_each 1003
	wait_for 30 has_packets 8 || fail "packets of the pause were captured, or none since"
	ok "it pauses and goes on"
}

test_log_and_help()
{
	click 'push button' '^Log$'
	wait_for 30 is_shown dialog 'example_hook Log$' || fail "no window with the log"
	xdotool windowfocus --sync "$(xdotool search --onlyvisible --name 'example_hook Log' | head -n 1)" key Escape
	wait_for 20 is_not_shown dialog 'example_hook Log$' || fail "the log does not close"
	xdotool windowfocus --sync "$window"
	click 'push button' '^Help$'
	wait_for 30 is_shown label 'The toolbar changes a capture' || fail "no help"
	xdotool key Return
	wait_for 20 is_not_shown label 'The toolbar changes a capture' || fail "the help does not close"
	xdotool windowfocus --sync "$window"
	ok "log and help are shown"
}

# What was set in the toolbar is forgotten: the next capture begins with its own filter and actions.
test_again()
{
	click 'push button' '^Stop$'
	wait_for 30 is_not_capturing || fail "the stopped capture left something in the hook's slots"
	is_not_shown alert || fail "a dialog is shown after the capture"
	click 'check box' '^Start$'
	wait_for 30 is_capturing || fail "the next capture does not begin with all actions"
	send_each 1001 1002 1003
	wait_for 30 has_packets 1 || fail "the next capture does not have its own filter"
	click 'push button' '^Stop$'
	wait_for 30 is_not_capturing || fail "the stopped capture left something in the hook's slots"
	ok "the next capture begins with its own filter and actions"
}

world_create
world_attach "$BUILD/tests/programs/example.bpf.o"
desktop_start
wireshark_start -k -i "xdp:$hook" -f 'udp port 1002'
wait_for 30 is_capturing || fail "no capture"
test_shown
test_filter
test_bad_filter
test_actions
test_pause
test_log_and_help
test_again
xdotool windowfocus --sync "$window" key --clearmodifiers ctrl+q
wait_for 30 is_ended "$wireshark" || fail "Wireshark does not end"
ok "Wireshark ends"
