#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Numbered packets through a hundred changes of the filter, in the middle of a chain of three captures: each packet is
# judged by exactly one filter, and none is lost.
set -eu
. "$(dirname "$0")/steps.sh"
. "$(dirname "$0")/toolbar_steps.sh"
example_create
changes=50 # of each kind

# neighbour_start NAME: another capture of the same packets; sets pid_NAME.
neighbour_start()
{
	: >"$HOME/$1.log"
	xdpshark capture "$hook" -v -a drop,pass -w "$HOME/$1.pcapng" udp 2>"$HOME/$1.log" &
	eval "pid_$1=$!"
	wait_for 20 grep -qs 'capturing on' "$HOME/$1.log" || fail "no capture $1: $(cat "$HOME/$1.log")"
}

# neighbour_end NAME
neighbour_end()
{
	local pid
	eval "pid=\$pid_$1"
	kill "$pid"
	wait "$pid" || fail "capture $1: $(cat "$HOME/$1.log")"
}

neighbour_start before
toolbar_capture --actions drop,pass
capture_wait '1 2'
toolbar initialized
neighbour_start after
traffic_start --pause 0.0002 1001 1002

# Both filters match all packets.
change_often 'udp port 1001 or udp port 1002' 'udp and src host 10.9.0.1'
# Each packet matches one of them.
change_often 'udp port 1001' 'udp port 1002'
traffic_end
sent=$(cat "$HOME/sent")
toolbar_change set $filter_control udp
wait_for 20 server_has_received "$sent"

neighbour_end before
neighbour_end after
toolbar_end

check_equal "packets of the capture before" "$sent" "$(packets "$HOME/before.pcapng")"
check_equal "packets of the capture behind" "$sent" "$(packets "$HOME/after.pcapng")"
check_equal "packets that are twice in the file" "" "$(payloads "$file" | uniq -d)"
/usr/bin/python3 - "$sent" <(blocks "$file" IDB filter) <(blocks "$file" EPB interface payload) \
	<(blocks "$file" ISB received accepted dropped delivered) <<'END' || fail "see above"
import sys

sent = int(sys.argv[1])
filters, packets, statistics = ([line.rstrip("\n").split("\t") for line in open(name)] for name in sys.argv[2:])
filters = [line[0] for line in filters]
seen = {}
for interface, payload in packets:
    port, number = payload.split()
    judge = filters[int(interface)]
    if "port" in judge and port not in judge:
        sys.exit(f"packet {payload} is in the file, judged by {judge}")
    seen[int(number)] = judge
# The second kind of filters rejects packets, perhaps before it lets the first one through.
choosy = ("udp port 1001", "udp port 1002")
end = min(number for number, judge in seen.items() if judge in choosy)
end = min(end, max(number for number, judge in seen.items() if judge not in choosy))
missing = [number for number in range(end) if number not in seen]
if missing:
    sys.exit(f"{len(missing)} packets are missing, such as {missing[:5]}")
(counts,) = [line for line in statistics if line[0] != "-"]
received, accepted, dropped = map(int, counts[:3])
delivered = sum(int(line[3]) for line in statistics)
if (received, dropped, delivered) != (sent, 0, accepted) or delivered != len(seen):
    sys.exit(f"sent {sent}; received {received}, accepted {accepted}, dropped {dropped}, delivered {delivered}")
print(f"{sent} packets, {end} while both filters match, {delivered} captured; filters: {filters}")
END
