#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# screenshot.sh FOLDER, run by tests/sandbox: makes the pictures of docs/ again, of the real Wireshark.
#	wireshark-interfaces.png	the hooks among the interfaces, with a good capture filter
#	wireshark-filter.png	a bad one, and what is wrong with it
#	wireshark-options.png	the options of a hook
#	wireshark-remote.png	the hooks of another host, which is an sshd here
#	wireshark-toolbar.png	another filter for the running capture
#	wireshark.png	packets of all actions
#	wireshark-drop.png	the dropped ones only, and all that is known of one of them
#	wireshark-statistics.png	packets by action, program, queue and CPU
# Fails if a step does not appear.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/capture/steps.sh"
. "$top/tests/capture/sshd.sh"
. "$top/tests/gui/desktop.sh"

folder=${1:?usage: screenshot.sh FOLDER}
missing=$(desktop_missing)
[ -z "$missing" ] || { echo "SKIP: $missing is not installed"; exit 77; }

# A mix of ports, and so of actions.
send_traffic()
{
	on "$client" /usr/bin/python3 -c '
import random, socket
random.seed(7)
sender = {}
for port in [1002, 1001, 1002, 1004, 1003, 1001, 1002, 1000, 1001, 1004, 1002, 1003, 1001, 1002, 1001, 1004]:
    if port not in sender:
        sender[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender[port].bind(("10.9.0.1", 40000 + len(sender)))
    data = (b"hello, port %d! " % port * 20)[:random.randrange(24, 300)]
    sender[port].sendto(data, ("10.9.0.2", port))
'
}

# select_packet ACTION: the first one of that action, with what is known of its way through XDP.
select_packet()
{
	click 'table cell' "^$1\$"
	wait_for 20 is_shown 'table cell' "^XDP, Action: $1"
	is_shown 'table cell' '^.Action: ' || { click 'table cell' '^XDP, '; xdotool key Right; }
	wait_for 20 is_shown 'table cell' "^.Action: $1"
}

picture_start_page()
{
	wait_for 30 is_shown 'table cell' "$listed_hook"
	click 'table cell' "$listed_hook"
	type_over '^Capture filter entry$' 'udp port foo'
	wait_for 20 is_shown label "foo"
	take_picture wireshark-filter
	type_over '^Capture filter entry$' 'udp portrange 1000-1004'
	wait_for 20 is_not_shown label "foo"
	show_left "$listed_hook"
	take_picture wireshark-interfaces
	click_cog "$listed_hook"
	wait_for 20 is_shown dialog
	take_picture wireshark-options
	xdotool key Escape
	wait_for 20 is_not_shown dialog
}

# A field of the dialog has no name: it is right of its label.
picture_remote()
{
	click_cog '^XDP on a remote host'
	wait_for 20 is_shown label '^Host$'
	point label '^Host$'
	xdotool mousemove "$(screen 'push button' '^Ask the host$' | head -n 1 | cut -f 4)" \
		"$(xdotool getmouselocation --shell | sed -n 's/^Y=//p')" click 1
	xdotool type --delay 20 web1
	click 'push button' '^Ask the host$'
	wait_for 30 is_shown 'combo box' "$listed_hook"
	click 'combo box' "$listed_hook"
	take_picture wireshark-remote
	xdotool key Escape Escape
	wait_for 20 is_not_shown dialog
	click 'table cell' "$listed_hook"
}

picture_toolbar()
{
	toolbar_show
	toolbar_filter 'udp port 1001'
	wait_for 20 is_shown label '^XDP: the capture goes on'
	take_picture wireshark-toolbar
	toolbar_hide
}

picture_capture()
{
	double_click 'table cell' "$listed_hook"
	wait_for 30 is_capturing
	send_traffic
	wait_for 30 is_shown label '^Packets: 16 '
	picture_toolbar
	click 'push button' '^Stop$'
	wait_for 30 is_not_capturing
	select_packet ABORTED
	take_picture wireshark
	type_over '^Display filter entry$' 'xdp.action == DROP'
	xdotool key Return
	wait_for 30 is_shown label 'Displayed: 5 '
	select_packet DROP
	take_picture wireshark-drop
}

# The last item of the menu Statistics. Its window is put where the packets are.
picture_statistics()
{
	xdotool key --clearmodifiers alt+s
	xdotool key Up Return
	wait_for 30 is_shown 'table cell' '^Programs$'
	take_picture wireshark-statistics
}

listed_hook='^XDP hook example_hook'
sshd_prepare
cat >"$HOME/root/.ssh/config" <<-END
	Host web1
		HostName 127.0.0.1
		Port 2201
		IdentityFile $HOME/user-key
END
world_create
# What the other ends have would be among the interfaces.
on "$client" bpftool net detach xdp dev client0
on "$sink" bpftool net detach xdp dev sink0
world_attach "$BUILD/tests/programs/example.bpf.o"
sshd_start "$server" 2201 127.0.0.1
desktop_start
# Wireshark takes port 1001 for another protocol's.
wireshark_start --disable-protocol find
picture_start_page
picture_remote
picture_capture
picture_statistics
