#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks of several hosts in one file, in order of time: an interface for each hook and host, with the host's name and
# statistics. One host that fails is reported, and the others go on; hooks of this host may be among them.
set -eu
. "$(dirname "$0")/hosts.sh"
hosts_create
two_hooks_create
trap hosts_remove EXIT
host_start "$client" 127.0.0.1 2201
host_start "$client" 127.0.0.1 2202
hosts_ready

# From both ends of the wire, in turn, slowly enough for the order to be one.
send_both()
{
	local i
	for i in 1 2 3 4 5; do
		send --count 1 1001 >/dev/null
		on "$server" "$tests/capture/send.py" --address 10.9.0.1 --count 1 1002 >/dev/null
	done
}

in_order()
{
	blocks "$1" EPB time >"$HOME/times"
	sort -n "$HOME/times" | cmp -s - "$HOME/times" || fail "packets are not in order: $(cat "$HOME/times")"
}

remote_launch ssh://web1$hook "ssh://joe@127.0.0.1:2202$second" -w "$file" -v udp
wait_for 30 both_captured || fail "no capture: $(cat "$HOME/errors")"
send_both
wait_for 20 file_has 10 || fail "packets do not come: $(packets) $(cat "$HOME/errors")"
kill -TERM "$capture"
remote_join 0
none_captured || fail "a hook is still captured"
in_order "$file"
check_equal "interfaces" "127.0.0.1:2202:example_hook web1:example_hook" "$(blocks "$file" IDB name | sort | paste -sd " ")"
for host in web1 127.0.0.1:2202; do
	blocks "$file" IDB description | grep -q "^xdp hook=.* host=$host\$" || fail "descriptions: $(blocks "$file" IDB description)"
done
# Interfaces are numbered as hosts answer.
check_equal "hosts in the order of packets" "$(for _ in 1 2 3 4 5; do printf 'web1:example_hook\n127.0.0.1:2202:example_hook\n'; done)" \
	"$(tshark -r "$file" -T fields -e frame.interface_name 2>/dev/null)"
check_equal "actions" 5 "$(blocks "$file" EPB comment | grep -c '^xdp action=DROP$')"
check_equal "statistics" "0 5 0 5,1 5 0 5" "$(blocks "$file" ISB interface accepted dropped delivered | tr '\t' ' ' | sort | paste -sd ,)"
# Each leaves out the connection that it comes over.
check_equal "filters" 2 "$(blocks "$file" IDB filter | grep -c '^(udp) and not ((host 127.0.0.1 ')"
grep -q ', matched 10 (DROP 5, PASS 5), lost 0, written 10 packets' "$HOME/errors" || fail "counts: $(cat "$HOME/errors")"

echo "-- one does not exist, one has no such hook, one is here"
remote_launch $hook "ssh://web2$second" ssh://joe@127.0.0.1:9/sys/fs/bpf/fw "ssh://web1/sys/fs/bpf/nothing" -w "$file"
wait_for 30 both_captured || fail "no capture: $(cat "$HOME/errors")"
send_both
wait_for 20 file_has 10 || fail "packets do not come: $(packets) $(cat "$HOME/errors")"
kill -INT "$capture"
remote_join 1
in_order "$file"
check_equal "what is said" "xdpshark: 127.0.0.1:9: ssh: connect to host 127.0.0.1 port 9: Connection refused
xdpshark: 2 of 3 hosts failed, as was said before
xdpshark: web1: /sys/fs/bpf/nothing: nothing is pinned there (xdpshark list shows the hooks)" "$(sort -t : -k 2 "$HOME/errors")"
check_equal "interfaces" "example_hook web2:example_hook" "$(blocks "$file" IDB name | sort | paste -sd " ")"

echo "-- one dies"
remote_launch "ssh://web1$hook" "ssh://web2$second" -w "$file"
wait_for 30 both_captured || fail "no capture: $(cat "$HOME/errors")"
send_both
wait_for 20 file_has 10 || fail "packets do not come: $(packets) $(cat "$HOME/errors")"
kill -KILL "$(ssh_of web1)"
wait_for 20 is_not_capturing "$hook" || fail "the host that is cut off captures"
wait_for 20 grep -q '^xdpshark: web1: ' "$HOME/errors" || fail "what is said: $(cat "$HOME/errors")"
send_both
wait_for 20 file_has 15 || fail "the other host does not go on: $(packets)"
kill -INT "$capture"
remote_join 1
in_order "$file"
