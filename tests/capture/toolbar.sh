#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The toolbar, by its protocol: what it shows, and what becomes of a capture that is changed with it.
set -eu
. "$(dirname "$0")/steps.sh"
. "$(dirname "$0")/toolbar_steps.sh"
example_create

# Sends a packet to each port, waits until all have been seen, and prints those that were captured.
captured_ports()
{
	local before
	before=$(server_received)
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	wait_for 10 server_has_received $((before + 5))
}

# The ports of the packets in the file, in order.
ports()
{
	blocks "$file" EPB payload | cut -d ' ' -f 1 | tr '\n' ' '
}

# Each control that the capture speaks of is declared.
xdpshark --extcap-interfaces >"$HOME/interfaces"
controls=$(sed -nE 's/^control \{number=([0-9]+)\}\{type=([a-z]+)\}(\{role=([a-z]+)\})?\{display=([^}]*)\}.*/\1 \2 \4 \5/p' "$HOME/interfaces")
check_equal "controls" "0 string  Filter
5 boolean  ABORTED
6 boolean  DROP
7 boolean  PASS
8 boolean  TX
9 boolean  REDIRECT
1 selector  Packets
2 button control Pause
3 button logger Log
4 button control Help" "$controls"

# A capture that cannot start does not leave Wireshark waiting at either FIFO.
toolbar_capture --extcap-capture-filter 'udp prot 1'
toolbar initialized
toolbar_wait '^closed$'
exec 7>&-
wait "$player" "$reader"
wait "$capture" && fail "a capture with a wrong filter succeeds"

# What the dialog says is shown, and nothing changes.
toolbar_capture --extcap-capture-filter 'udp port 1001' --sample 3 --actions drop,pass
capture_wait '1 2'
toolbar initialized
toolbar_wait '^set 0 udp port 1001$'
toolbar_wait '^add 1 3\\x001 of 3$'
toolbar_wait '^set 1 3$'
toolbar_wait '^set 2 Pause$'
toolbar_wait '^set 9 \\x00$'
check_equal "actions shown at last" "5 \\x00,6 \\x01,7 \\x01,8 \\x00,9 \\x00," \
	"$(for control in 5 6 7 8 9; do grep "^set $control " "$said" | tail -n 1 | cut -d ' ' -f 2-; done | tr '\n' ,)"
toolbar changed
toolbar_wait '^changed:$'
toolbar_end
check_equal "changes in the file" "-" "$(statistics comment)"

# What its user has set before the capture begins.
toolbar_capture --extcap-capture-filter 'udp port 1001'
toolbar set 0 'udp port 1002'
capture_wait
toolbar_change initialized
toolbar_wait '^set 0 udp port 1002$'
captured_ports
toolbar changed
toolbar_wait '^changed:$'

# Another filter.
toolbar_change set 0 'udp port 1001 or udp port 1003'
captured_ports
toolbar changed
toolbar_wait '^changed:$' 2

# A wrong one: one warning, and all is as before.
toolbar set 0 'udp prot 1'
toolbar_wait '^warning 0 capture filter "udp prot 1": .*The capture goes on as before.$'
captured_ports
check_equal "warnings" 1 "$(times_said '^warning')"

# One that libpcap takes very long for is given up for the next one; the capture goes on meanwhile.
toolbar set 0 "udp and ip and ($(seq -f 'src or dst port %.f' -s ' or ' 2400))"
send --count 1 1001 >/dev/null
toolbar_change set 0 'udp'

# Actions: the slots are left and taken.
toolbar_change tick 6 0
capture_wait '0 2 3 4'
captured_ports
toolbar tick 7 0
toolbar tick 8 0
toolbar tick 5 0
capture_wait '4'
toolbar tick 9 0
toolbar_wait 'one action at least stays ticked'
check_equal "the last one" 'set 9 \x01' "$(grep '^set 9' "$said" | tail -n 1)"
captured_ports
toolbar tick 6 1
capture_wait '1 4'
captured_ports

# A pause, and on.
toolbar_change press 2
toolbar_wait '^set 2 Go on$'
captured_ports
toolbar_change press 2
check_equal "the button" 'set 2 Pause' "$(grep '^set 2' "$said" | tail -n 1)"
captured_ports

# One of a million: none of five, most likely; then all again.
toolbar set 1 1000000
toolbar_wait '^set 1 1000000$'
toolbar_change set 1 1
captured_ports

# Values that Wireshark never sends.
toolbar set 1 0
toolbar set 1 many
toolbar set 77 x
captured_ports

# What happens: a line a second, but not when nothing does; the log; help.
more=0
says_counts()
{
	# A few in the long second of a slow machine would round to none.
	send --count 5 1001 >/dev/null
	more=$((more + 5))
	has_said '^status 0 XDP, packets a second: received [0-9]* (.*DROP [0-9]*.*), matched '
}
wait_for 20 says_counts || fail "no counts are shown: $(cat "$said")"
check_equal "counts in the place of what is to be read" 0 "$(times_said '^hasty$')"
toolbar_wait '^add 3 .* changed: filter: udp\\n$'
toolbar press 4
toolbar_wait '^information 0 The toolbar changes a capture'
page=$(sed -n 's/^information .*More is in //p' "$said")
[ -r "$page" ] || fail "there is no page $page"
for control in $(echo "$controls" | cut -d ' ' -f 4); do
	grep -q "<th>.*$control.*</th>" "$page" || fail "$control is not on the page"
done

# A filter that is still compiled when the capture ends does not hold it up, and nothing of it stays.
toolbar set 0 "udp and ip and ($(seq -f 'src or dst port %.f' -s ' or ' 2400))"
is_compiling()
{
	[ "$(pgrep -f -- "--fifo $fifo" | wc -l)" -gt 1 ]
}
wait_for 10 is_compiling || fail "the filter is not compiled"
toolbar_end
nothing_runs()
{
	! pgrep -f -- "--fifo $fifo" >/dev/null
}
wait_for 10 nothing_runs || fail "something of the capture runs on"
check_equal "captured ports" \
	"1002 1001 1003 1001 1003 1001 1000 1002 1003 1004 1004 1001 1004 1001 1004 1001 1004 1001 1004 $(yes 1001 | head -n $more | tr '\n' ' ')" "$(ports)"

# The file: an interface for each filter, of which one has the counts; and what was changed.
check_equal "filters" "udp port 1002,udp port 1001 or udp port 1003,udp," "$(blocks "$file" IDB filter | grep -v '^udp port 1001$' | tr '\n' ,)"
check_equal "statistics for each interface" "$(blocks "$file" IDB name | wc -l)" "$(blocks "$file" ISB interface | wc -l)"
check_equal "packets of each interface" "$(blocks "$file" EPB interface | sort | uniq -c | awk '{ print $2, $1 }')" \
	"$(blocks "$file" ISB interface delivered | awk '$2 > 0 { print $1, $2 }' | sort)"
# Packets of actions that were not ticked are not received; two matched during the pause.
check_equal "received, accepted, dropped" "$((31 + more)) $((21 + more)) 0" "$(blocks "$file" ISB received accepted dropped | grep -v -e - | tr '\t' ' ')"
comment=$(blocks "$file" ISB comment | sed 's/^[0-9T:.-]*Z /TIME /')
check_equal "changes in the file" "changed during the capture:
TIME filter: udp port 1002
TIME filter: udp port 1001 or udp port 1003
TIME filter: udp
TIME actions: ABORTED, PASS, TX, REDIRECT" "$(echo "$comment" | sed -n 1,5p)"
[[ $comment == *"TIME paused"*"TIME goes on"* ]] || fail "the file does not mention the pause"

# A toolbar that talks nonsense changes nothing, and one that goes away neither.
toolbar_capture
capture_wait
toolbar initialized
toolbar raw 58000000
exec 7>&-
wait_for 10 grep -q 'sends is not understood' "$said" || fail "no line about nonsense"
captured_ports
kill "$player"
wait "$player" 2>/dev/null || true
captured_ports
capture_end
wait "$reader"
check_sums
check_equal "captured ports" "1000 1001 1002 1003 1004 1000 1001 1002 1003 1004 " "$(ports)"
