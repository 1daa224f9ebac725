# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced by tests in which captures come and go: starts and ends them at random.
RANDOM=${XDPSHARK_SEED:-1}
declare -A captures
filters=("" udp "udp port 1001" "greater 40" "host 10.9.0.1 and not port 1002")
actions=(aborted drop pass tx redirect drop,pass aborted,drop,pass,tx,redirect)

# Sleeps a random time of at most that many ms.
wait_some()
{
	read -r -t "0.$(printf %03d $((RANDOM % $1)))" <> <(:) || true
}

# Options of all captures here.
options=

# start_one NUMBER
start_one()
{
	# shellcheck disable=SC2086
	xdpshark capture "$hook" $options -w "$HOME/captured.$1" -a "${actions[RANDOM % 7]}" ${filters[RANDOM % 5]} 2>>"$HOME/errors" &
	captures[$1]=$!
}

# end_one NUMBER: by a signal, or by killing it, its xdpshark-hookd, or both.
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

# Three captures that overlap for a while.
run_round()
{
	local number
	for number in 1 2 3; do
		start_one $number
		wait_some 30
	done
	wait_some 150
	for number in 2 1 3; do
		end_one $number
	done
}

# The next captures remove what killed ones have left, and leave nothing themselves.
leave_nothing()
{
	# shellcheck disable=SC2086
	xdpshark capture "$hook" $options -w "$HOME/captured" --duration 0.05 2>>"$HOME/errors" || fail "no capture after a kill: $(tail -n 3 "$HOME/errors")"
	check_equal "slots" "" "$(slots_taken "$hook")"
}
