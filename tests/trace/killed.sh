#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# killed.sh FIREWALL: four captures of one program, three of which are killed, each in another way: the fourth has every
# packet of the traffic, as it came in and as it went out, and what was killed leaves neither links, programs nor maps.
set -eu
. "$(dirname "$0")/trace.sh"
firewall_create "$1"

hookd_of()
{
	pgrep -P "${traces[$1]}" -x xdpshark-hookd
}

before=$(objects)
trace_start survivor udp port 1002
alone=$(objects)
for name in client hookd both; do
	trace_start $name udp
done
traffic_start --cpu 0 --pause 0.002 1002
hookd=$(hookd_of hookd)
kill -s KILL "${traces[client]}"
kill -s KILL "$hookd"
kill -s KILL "$(hookd_of both)" "${traces[both]}"
for name in client hookd both; do
	wait_for 20 process_has_ended "${traces[$name]}" || fail "$name: the capture does not end"
done 2>/dev/null
check_left "$alone" "captures that were killed"
traffic_end
trace_end survivor
check_equal "sightings of the packets" "$(for ((i = 0; i < $(cat "$HOME/sent"); i++)); do printf '%s entry\n%s exit\n' $i $i; done)" \
	"$(sightings survivor | cut -d ' ' -f 1,3)"
check_equal "packets with one number" "$(cat "$HOME/sent")" "$(sightings survivor | cut -d ' ' -f 1,2 | sort -u | wc -l)"
check_left "$before" "a capture"
part "captures of a program without a hook survive each other's kill -9, which leaves nothing"
