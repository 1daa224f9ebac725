#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The toolbar of Wireshark's interface "XDP on a remote host", through a real sshd: the filter, actions, sampling and
# pause of the capture there change while it runs. Numbered packets through forty filters: each is judged by exactly
# one, and none is lost. What the host refuses is said with its own words, and changes nothing. The connection itself
# stays left out.
set -eu
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/../capture/toolbar_steps.sh"
hosts_create
example_create
trap hosts_remove EXIT
host_start "$server" 10.9.0.2 2201
# By a connection that goes through the hook.
sed -i 's/HostName 127.0.0.1/HostName 10.9.0.2/' "$HOME/root/.ssh/config"
hosts_ready
changes=20 # of each kind

# As remote_launch, so that ssh finds its way: xdpshark in the sending host's namespace.
mkdir -p "$HOME/bin"
printf '#!/bin/sh\nexec nsenter --net=/run/netns/%s -- %s "$@"\n' "$client" "$(command -v xdpshark)" >"$HOME/bin/xdpshark"
chmod +x "$HOME/bin/xdpshark"
toolbar_point=xdp-remote
remote_toolbar()
{
	PATH=$HOME/bin:$PATH toolbar_capture --remote-host web1 --remote-path "$hook" "$@"
	wait_for 40 is_capturing "$hook" "${slots:-0 1 2 3 4}" || fail "no capture: $(cat "$HOME/errors")"
}

slots='1 2' remote_toolbar --actions drop,pass --extcap-capture-filter 'udp'
toolbar initialized
toolbar_wait "^set $filter_control udp\$"
# The capture was started without ABORTED, TX and REDIRECT.
for action in 0 3 4; do
	toolbar_wait "^set $((action_control + action)) \\\\x00"
done
traffic_start --pause 0.0005 1001 1002
change_often 'udp port 1001 or udp port 1002' 'udp and src host 10.9.0.1'
change_often 'udp port 1001' 'udp port 1002'
traffic_end
sent=$(cat "$HOME/sent")
toolbar_change set $filter_control udp
wait_for 20 server_has_received "$sent"
toolbar_wait '^status 0 XDP, packets a second: received '

toolbar set $filter_control 'udp prot 1'
toolbar_wait '^warning 0 web1: capture filter "udp prot 1": .*syntax error.*The capture goes on as before'
toolbar_change tick $((action_control + 1)) 0
wait_for 20 is_capturing "$hook" 2 || fail "the slot of DROP is not left"
toolbar_wait "^set $pause_control Pause"
toolbar_change press $pause_control
toolbar_wait "^set $pause_control Go on"
toolbar_change press $pause_control
# Nothing but the filter would leave out ssh's packets.
toolbar_change set $filter_control ''
toolbar_change tick $((action_control + 1)) 1
toolbar_change set $sample_control 1000000
toolbar_change set $sample_control 1
send --count 1 1001 1002 >/dev/null
toolbar_end
wait_for 20 is_not_capturing || fail "the slots are not given back"

check_equal "packets that are twice in the file" "" "$(blocks "$file" EPB payload | grep '^100[12] ' | sort | uniq -d | grep -v '^100[12] [01]$' || true)"
check_equal "packets of ssh" 0 "$(tshark -r "$file" -Y 'tcp' 2>/dev/null | wc -l)"
/usr/bin/python3 - "$sent" <(blocks "$file" IDB filter) <(blocks "$file" EPB interface payload) <<'END' || fail "see above"
import sys

sent = int(sys.argv[1])
filters, packets = ([line.rstrip("\n").split("\t") for line in open(name)] for name in sys.argv[2:])
filters = [line[0] for line in filters]
seen = {}
for interface, payload in packets:
    port, number = payload.split()[:2]
    judge = filters[int(interface)]
    if "not (" not in judge:
        sys.exit(f"{judge} does not leave out the connection")
    judge = "" if judge.startswith("not (") else judge.split(") and not (")[0].strip("(")
    if "port" in judge and port not in judge:
        sys.exit(f"packet {payload} is in the file, judged by {judge}")
    seen.setdefault(int(number), judge)
choosy = ("udp port 1001", "udp port 1002")
end = min(number for number, judge in seen.items() if judge in choosy)
end = min(end, max(number for number, judge in seen.items() if judge not in choosy))
missing = [number for number in range(end) if number not in seen]
if missing:
    sys.exit(f"{len(missing)} packets are missing, such as {missing[:5]}")
print(f"{sent} packets, {end} while both filters match; {len(set(filters))} filters")
END
grep -q 'changed during the capture' <(tshark -r "$file" -q -z capinfos 2>/dev/null; strings -n 10 "$file") || fail "the file does not say what was changed"
