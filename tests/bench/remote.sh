#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# remote.sh [--hosts N] [--seconds N] [--rates "N..."]: many hosts at once, which are sessions of a real sshd on
# loopback, merged into one stream. docs/performance.md explains the table.
set -eu
source_program=$BUILD/tests/bench/remote_source
hosts=40 seconds=10 rates="100 1000 0"
while [ $# -gt 0 ]; do
	case $1 in
	--hosts) hosts=$2 ;;
	--seconds) seconds=$2 ;;
	--rates) rates=$2 ;;
	*) sed -n '3,4s/^# //p' "$0" >&2; exit 2 ;;
	esac
	shift 2
done
. "$(dirname "$0")/../remote/hosts.sh"
hosts_create
trap hosts_remove EXIT
ip netns add "$client"
ip -n "$client" link set lo up
host_start "$client" 127.0.0.1 2201
{
	echo "Host web*"
	printf '\tHostName 127.0.0.1\n\tPort 2201\n\tUser joe\n\tHostKeyAlias [127.0.0.1]:2201\n'
} >"$HOME/root/.ssh/config.new"
{ cat "$HOME/root/.ssh/config.new"; printf '\tIdentityFile %s\n' "$HOME/user-key"; } >"$HOME/root/.ssh/config"
hosts_ready
chmod 755 "$BUILD" "$BUILD/tests" "$BUILD/tests/bench" 2>/dev/null || true
cp "$source_program" "$HOME/joe/source"
points=()
echo "$hosts hosts, $seconds s each"
printf '%12s %12s %10s %10s %10s %8s %8s\n' "a host" "packets/s" "delay ms" "99% ms" "max ms" "MiB" "CPU %"
for rate in $rates; do
	points=()
	for i in $(seq "$hosts"); do
		points+=("ssh://web$i/rate/$rate")
	done
	here xdpshark capture --remote-program "$HOME/joe/source" "${points[@]}" -w - --duration "$seconds" 2>"$HOME/errors" |
		"$(dirname "$0")/remote_delay.py" "$rate" "$seconds" "$hosts" || fail "the capture failed: $(cat "$HOME/errors")"
	[ ! -s "$HOME/errors" ] || grep -v 'is behind' "$HOME/errors" >&2 || true
done
