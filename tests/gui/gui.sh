#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gui.sh, run by tests/sandbox: a user at Wireshark's window lists the hooks, types a bad and a good capture
# filter, captures, stops, and looks at what was dropped.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/world.sh"
. "$top/tests/gui/desktop.sh"

missing=$(desktop_missing)
[ -z "$missing" ] || { echo "SKIP: $missing is not installed"; exit 77; }

hook=/sys/fs/bpf/example_hook
capture_field='^Capture filter entry$'
display_field='^Display filter entry$'
each=3 # packets for each of the five ports
dropped=$each

# Wireshark calls the extcap through this from now on, so that its calls can be read.
record_calls()
{
	local extcap
	extcap=$(tshark -G folders 2>/dev/null | sed -nE 's/^(Global )?Extcap path:[[:space:]]*//p')/xdpshark
	[ -e "$extcap" ] || fail "no extcap is installed as $extcap"
	printf '#!/bin/sh\necho "$@" >>%s\nexec %s "$@"\n' "$HOME/calls" "$HOME/extcap" >"$HOME/recorder"
	chmod +x "$HOME/recorder"
	cp "$extcap" "$HOME/extcap"
	# It looks for its privileged half beside itself, and where it is installed from its own place.
	ln -s /usr/local/libexec/xdpshark/xdpshark-hookd "$HOME/xdpshark-hookd"
	mkdir -p "$HOME/../share/doc"
	ln -s /usr/local/share/doc/xdpshark "$HOME/../share/doc/xdpshark"
	mount --bind "$HOME/recorder" "$(realpath "$extcap")"
}

is_asked()
{
	grep -q -e "--extcap-capture-filter $1 " -e "--extcap-capture-filter $1\$" "$HOME/calls"
}

is_red()
{
	local red green
	read -r red green _ < <(field_colour "$capture_field")
	[ "$red" -gt $((green + 40)) ]
}

is_green()
{
	local red green
	read -r red green _ < <(field_colour "$capture_field")
	[ "$green" -gt $((red + 40)) ]
}

no_complaint()
{
	local window
	for window in dialog alert; do
		is_not_shown $window || fail "$1: a dialog is shown"
	done
}

test_start_page()
{
	wait_for 30 is_shown 'table cell' '^XDP hook example_hook on server0 .program example.' ||
		fail "the start page does not list the hook"
	ok "the start page lists the hook"
}

# Help in the options leads to a page that is there.
test_help()
{
	click_cog '^XDP hook example_hook'
	wait_for 20 is_shown 'page tab' '^File and log$' || fail "no options are shown"
	click 'push button' '^Help$'
	wait_for 20 test -s "$HOME/opened" || fail "Help opens nothing"
	read -r page <"$HOME/opened"
	[ -r "${page#file://}" ] || fail "Help leads to $page, which is not there"
	xdotool key Escape
	wait_for 20 is_not_shown 'page tab' '^File and log$' || fail "the options do not close"
	xdotool windowfocus --sync "$window"
	ok "Help in the options opens $page"
}

test_bad_filter()
{
	local reason
	reason=$("$HOME/extcap" --extcap-interface "xdp:$hook" --extcap-capture-filter 'udp port foo')
	click 'table cell' '^XDP hook example_hook'
	type_over "$capture_field" 'udp port foo'
	wait_for 20 is_red || fail "the bad filter's field is not red"
	wait_for 20 is_asked 'udp port foo' || fail "Wireshark did not ask the extcap about the filter"
	wait_for 20 is_shown label "^$reason\$" || fail "the status bar does not say: $reason"
	point text "$capture_field"
	xdotool mousemove_relative 9 1
	wait_for 20 is_shown 'tool tip' "^$reason\$" || fail "no tool tip says: $reason"
	ok "a bad capture filter gets red, and status bar and tool tip say: $reason"
	type_over "$capture_field" udp
	wait_for 20 is_green || fail "the good filter's field is not green"
	ok "a good capture filter gets green"
}

test_capture()
{
	local round port
	double_click 'table cell' '^XDP hook example_hook'
	wait_for 30 is_titled '^Capturing from XDP hook example_hook on server0' || fail "no capture started"
	wait_for 30 is_capturing || fail "the hook's slots are empty"
	for ((round = 0; round < each; round++)); do
		for port in 1000 1001 1002 1003 1004; do
			world_send $port 1
		done
	done
	wait_for 30 is_shown label "^Packets: $((5 * each)) " || fail "not all packets have come"
	click 'push button' '^Stop$'
	wait_for 30 is_not_capturing || fail "the stopped capture left something in the hook's slots"
	wait_for 30 is_titled '^[*]XDP hook' || fail "Wireshark has not stopped: its title is $(wireshark_title)"
	no_complaint "after the capture"
	[ "$(grep -c -e '--capture .*--extcap-capture-filter udp' "$HOME/calls")" = 1 ] ||
		fail "the capture was not called with the filter"
	ok "a capture is started and stopped, and leaves the slots empty"
}

# What Wireshark holds, read by another program.
test_file()
{
	local counts
	counts=$(tshark -r "$TMPDIR"/wireshark_*.pcapng -T fields -e udp.dstport -e xdp.action 2>/dev/null |
		sort | uniq -c | awk '{ printf "%s %s %s, ", $2, $3, $1 }')
	[ "$counts" = "1000 0 $each, 1001 1 $each, 1002 2 $each, 1003 3 $each, 1004 4 $each, " ] ||
		fail "the captured packets are (port action count): $counts"
	ok "the captured packets have the actions of their ports"
}

test_display_filter()
{
	type_over "$display_field" 'xdp.action == DROP'
	xdotool key Return
	wait_for 20 is_shown label "Displayed: $dropped " || fail "the display filter does not leave $dropped packets"
	is_shown 'table cell' '^DROP$' || fail "the column does not say DROP"
	is_not_shown 'table cell' '^(ABORTED|PASS|TX|REDIRECT)$' || fail "other actions are shown too"
	ok "xdp.action == DROP leaves the dropped packets"
}

# A hook that holds somebody else's program: the user is told what to do.
test_refusal()
{
	bpftool prog load "$BUILD/tests/programs/example.bpf.o" /sys/fs/bpf/foreign
	bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
	click 'check box' '^Start$'
	wait_for 30 is_shown label "$hook.*--share-foreign" || fail "no dialog tells what holds the hook"
	ok "the hook with a foreign program is refused: $(screen label "$hook.*--share-foreign" | head -n 1 | cut -f 2)"
	xdotool key Return
	wait_for 20 is_not_shown label "$hook.*--share-foreign" || fail "the dialog does not close"
	bpftool map delete pinned "$hook" key 1 0 0 0
	rm /sys/fs/bpf/foreign
}

world_create
world_attach "$BUILD/tests/programs/example.bpf.o"
desktop_start
record_calls
# The browser.
mkdir "$HOME/bin"
printf '#!/bin/sh\necho "$1" >%s/opened\n' "$HOME" >"$HOME/bin/xdg-open"
chmod +x "$HOME/bin/xdg-open"
PATH=$HOME/bin:$PATH
wireshark_start
test_start_page
test_help
test_bad_filter
test_capture
test_file
test_display_filter
test_refusal
# Without a window manager nobody gives the keyboard back to the window when a dialog ends.
xdotool windowfocus --sync "$window" key --clearmodifiers ctrl+q
wait_for 30 is_ended $wireshark || fail "Wireshark does not end"
ok "Wireshark ends"
