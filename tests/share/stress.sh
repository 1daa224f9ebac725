#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures start, end and are killed at random moments under traffic, several at a time. The program's treatment of each
# packet does not change, and the next capture finds slots as they were before. XDPSHARK_ROUNDS rounds (20).
set -eu
. "$(dirname "$0")/../capture/witnesses.sh"
world_create
world_attach "$example"
RANDOM=${XDPSHARK_SEED:-1}

# At most that many ms, by chance.
wait_some()
{
	read -r -t "0.$(printf %03d $((RANDOM % $1)))" <> <(:) || true
}

filters=("" udp "udp port 1001" "greater 40" "host 10.9.0.1 and not port 1002")
actions=(aborted drop pass tx redirect drop,pass aborted,drop,pass,tx,redirect)

start_one()
{
	# shellcheck disable=SC2086
	xdpshark capture "$hook" -w "$HOME/stress.$1" -a "${actions[RANDOM % 7]}" ${filters[RANDOM % 5]} 2>>"$HOME/errors" &
	captures[$1]=$!
}

end_one()
{
	local pid=${captures[$1]} hookd
	hookd=$(pgrep -P "$pid" -x xdpshark-hookd) || hookd=$pid
	case $((RANDOM % 5)) in
	# A shell starts background processes with SIGINT ignored.
	0) kill -s TERM "$pid" ;;
	1) kill -s KILL "$pid" ;;
	2) kill -s KILL "$hookd" ;;
	3) kill -s KILL "$pid" "$hookd" ;;
	4) kill -s KILL "$hookd" "$pid" ;;
	esac 2>/dev/null || true
	wait_for 60 process_has_ended "$pid" ||
		fail "process $pid does not end: $(grep -E 'State|SigPnd|SigBlk|SigIgn' "/proc/$pid/status"; ls -l "/proc/$pid/fd")"
	wait "$pid" 2>/dev/null || true
}

witnesses_start
# shellcheck disable=SC2086
traffic_start --cpu 0 --pause 0.0002 $ports
declare -A captures
for ((round = 0; round < ${XDPSHARK_ROUNDS:-20}; round++)); do
	for number in 1 2 3; do
		start_one $number
		wait_some 30
	done
	wait_some 150
	for number in 2 1 3; do
		end_one $number
	done
done
xdpshark capture "$hook" -w "$file" --count 1 --duration 10
xdpshark capture "$hook" -w "$file" --count 1 --duration 10
traffic_end
witnesses_end "$(cat "$HOME/sent")" "with captures that were killed"
check_equal "slots" "" "$(slots_taken "$hook")"
