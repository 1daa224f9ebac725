#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture on another host ends when the one who wanted it does, however that is, and when the connection dies without
# a word. Captures of an ordinary user of the group, and with sudo and doas.
set -eu
. "$(dirname "$0")/hosts.sh"
hosts_create
example_create
trap hosts_remove EXIT
ip netns add "$desk"
ip -n "$desk" link set lo up
ip link add desk0 netns "$desk" type veth peer name host0 netns "$server"
ip -n "$desk" addr add 10.8.0.1/24 dev desk0
ip -n "$server" addr add 10.8.0.2/24 dev host0
ip -n "$desk" link set desk0 up
ip -n "$server" link set host0 up
host_start "$server" 10.8.0.2 2203
hosts_ready

# far_launch ARGUMENT...: waits for the capture, too.
far_launch()
{
	launch "$desk" "$HOME/stdout" xdpshark capture "$@" 2>"$HOME/errors"
	capture=$launched
	wait_for 30 capture_is_on "$hook" "0 1 2 3 4" || fail "no capture: $(cat "$HOME/errors")"
}

# The processes of captures on that host: nothing is left of them.
far_ended()
{
	is_not_capturing && ! own_pgrep -u joe -x xdpshark >/dev/null && ! own_pgrep -x xdpshark-hookd >/dev/null
}

# It notices a moment later that the other side has gone.
ssh_has_ended()
{
	! own_pgrep -f "^ssh .*-- far " >/dev/null
}

ways=("ssh://far$hook")
for rights in sudo doas; do
	! command -v $rights >/dev/null || ways+=("--remote-rights $rights ssh://jim@far$hook")
done
for signal in INT TERM KILL; do
	for arguments in "${ways[@]}"; do
		# shellcheck disable=SC2086
		far_launch $arguments -w "$file"
		# Once it runs for sure.
		send --count 1 1001 >/dev/null
		wait_for 20 file_has 1 || fail "no packet: $(cat "$HOME/errors")"
		kill -s $signal "$capture"
		wait_for 15 is_not_capturing || fail "the capture goes on after $signal"
		wait_for 20 far_ended || fail "something is left after $signal"
		[ $signal = KILL ] || remote_join 0
		wait "$capture" || true
		wait_for 20 ssh_has_ended || fail "ssh is left after $signal"
	done
done
check_equal "what is said" "" "$(cat "$HOME/errors")"

echo "-- stopped, it keeps the connection alive"
far_launch "ssh://far$hook" -w "$file"
kill -STOP "$capture"
read -r -t 6 <> <(:) || true
is_capturing || fail "a capture that is stopped for a moment ends on the other side"
kill -CONT "$capture"
kill -TERM "$capture"
remote_join 0

echo "-- the connection dies without a word"
far_launch "ssh://far$hook" -w "$file"
send --count 3 1001 >/dev/null
wait_for 20 file_has 3 || fail "no packets: $(cat "$HOME/errors")"
began=$SECONDS
tc -n "$desk" qdisc add dev desk0 root netem loss 100% 2>/dev/null || ip -n "$desk" link set desk0 down
wait_for 15 is_not_capturing || fail "the capture goes on when the connection is dead"
echo "slots are empty $((SECONDS - began)) s after the connection died"
remote_join 1
wait_for 20 far_ended || fail "something is left when the connection is dead"
check_equal "lines that are said" 1 "$(wc -l <"$HOME/errors")"
grep -q '^xdpshark: far: ' "$HOME/errors" || fail "what is said: $(cat "$HOME/errors")"
check_equal "packets" 3 "$(packets)"
