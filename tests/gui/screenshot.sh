#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# screenshot.sh FOLDER, run by tests/sandbox: makes the pictures of docs/ again, of the real Wireshark.
#	wireshark.png	packets of all actions
#	wireshark-drop.png	the dropped ones only, and all that is known of one of them
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/world.sh"
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

# What the screen shows now.
take_picture()
{
	xdotool mousemove 1279 799
	import -window root +dither -colors 200 -define png:compression-level=9 "png8:$1"
}

# select_packet ACTION: the first one of that action, with what is known of its way through XDP.
select_packet()
{
	click 'table cell' "^$1\$"
	wait_for 20 is_shown 'table cell' "^XDP, Action: $1"
	is_shown 'table cell' '^.Action: ' || { click 'table cell' '^XDP, '; xdotool key Right; }
	wait_for 20 is_shown 'table cell' "^.Action: $1"
}

world_create
world_attach "$BUILD/tests/programs/example.bpf.o"
desktop_start
# Wireshark takes port 1001 for another protocol's.
wireshark_start --disable-protocol find -k -i xdp:/sys/fs/bpf/example_hook -f udp
wait_for 30 is_capturing
send_traffic
wait_for 30 is_shown label '^Packets: 16 '
click 'push button' '^Stop$'
wait_for 30 is_not_capturing
select_packet ABORTED
take_picture "$folder/wireshark.png"
type_over '^Display filter entry$' 'xdp.action == DROP'
xdotool key Return
wait_for 30 is_shown label 'Displayed: 5 '
select_packet DROP
take_picture "$folder/wireshark-drop.png"
