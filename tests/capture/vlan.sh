#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that strips VLAN tags before XDP: the list, doctor and a capture whose filter looks for tags say so,
# with a remedy. Nothing else does.
set -eu
. "$(dirname "$0")/steps.sh"
command -v ethtool >/dev/null || { echo "SKIP: ethtool is missing"; exit 77; }
world_create
world_attach "$example"
note="hook $hook: VLAN tags are removed before XDP on server0 (netns $server) (rx-vlan-offload is on), and filters with \
vlan match nothing there: ethtool -K server0 rxvlan off; and for a veth on its peer: ethtool -K PEER txvlan off"

# lines FILTER: what a capture with it says on standard error while it runs.
lines()
{
	capture_launch "$hook" -w "$file" "$1"
	capture_wait
	send --count 1 1001 >/dev/null
	kill $capture
	wait $capture || fail "the capture with '$1' failed: $(cat "$HOME/errors")"
	cat "$HOME/errors"
}

doctors()
{
	xdpshark doctor --json | python3 -c '
import json, sys
print(*[": ".join(map(str, (c["answer"], c["detail"]))) for c in json.load(sys.stdin) if c["name"] == "vlan"])'
}

offload()
{
	xdpshark list --json | python3 -c 'import json, sys
print(*[(d["name"], d["rx_vlan_offload"], d["link_type"]) for d in json.load(sys.stdin)[0]["devices"]])'
}

on "$server" ethtool -K server0 rxvlan on
for filter in "vlan" "vlan 5 and udp" "not (vlan and ip)" "ether proto 0x8100" "(vlan)"; do
	check_equal "what is said with '$filter'" "xdpshark: $note" "$(lines "$filter")"
done
for filter in "" "udp" "host 10.9.0.1 or portrange 8100-8200" "ether[12:2] = 0x800"; do
	check_equal "what is said with '$filter'" "" "$(lines "$filter")"
done
printf '10.9.0.1 my-vlan vlan.example\n' >"$HOME/hosts"
mount --bind "$HOME/hosts" /etc/hosts
check_equal "what is said with a name" "" "$(lines "host my-vlan or host vlan.example")"
check_run 0 xdpshark list
check_equal "beside the list" "$note" "$(cat "$HOME/stderr")"
! grep -q vlan "$HOME/stdout" || fail "the table has the line: $(cat "$HOME/stdout")"
check_equal "doctor" "False: $note" "$(doctors)"
xdpshark doctor | grep -A 2 -F "no       VLAN tags reach the XDP programs of all hooks: $note" | grep -q "ethtool line" ||
	fail "doctor does not say it to people"
check_equal "list --json" "('server0', True, 'EN10MB')" "$(offload)"
# In Wireshark, the dialog at the end shows it.
mkfifo "$HOME/fifo"
xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" --extcap-capture-filter "vlan" 2>"$HOME/errors" &
capture=$!
cat "$HOME/fifo" >/dev/null &
capture_wait
kill $capture
wait $capture || fail "the capture failed: $(cat "$HOME/errors")"
check_equal "what Wireshark shows" "xdpshark: $note" "$(cat "$HOME/errors")"

on "$server" ethtool -K server0 rxvlan off
check_equal "what is said with the offload off" "" "$(lines vlan)"
check_run 0 xdpshark list
check_equal "beside the list, with the offload off" "" "$(cat "$HOME/stderr")"
check_equal "doctor, with the offload off" "" "$(doctors)"
check_equal "list --json, with the offload off" "('server0', False, 'EN10MB')" "$(offload)"

# A bridge gets packets whose tags its ports have stripped, whatever its own setting.
on "$server" ip link set dev server0 xdp off
ip -n "$server" link add up0 type bridge 2>/dev/null || { echo "no bridges here"; exit 0; }
ip -n "$server" link set server0 master up0
ip -n "$server" link set up0 up
on "$server" bpftool net attach xdpgeneric pinned /sys/fs/bpf/example dev up0
note="hook $hook: VLAN tags are removed before XDP on up0 (netns $server) (packets come from devices below), and \
filters with vlan match nothing there: attach the program to those"
check_equal "list --json, of a bridge" "('up0', False, 'EN10MB')" "$(offload)"
check_run 0 xdpshark capture "$hook" -w "$file" --duration 0.1 vlan
check_equal "what is said of a bridge" "xdpshark: $note" "$(cat "$HOME/stderr")"
