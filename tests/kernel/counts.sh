#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# counts.sh: where nothing is decided about packets they are counted all the same, by xdpshark stat and by captures, here
# and on another host.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
drops_world
# All of the machine are counted: nobody else sends to that port.
port=4125
begin "$server" -c 1 udp port "$port"
send port="$port"
wait_for 60 process_has_ended "$capture" || fail "nothing is dropped: $(cat "$HOME/errors")"

# in_json EXPRESSION: of the last line.
in_json()
{
	"$python3" -c 'import json, sys; line = json.loads(sys.stdin.readlines()[-1]); print(eval(sys.argv[1]))' "$1" <"$HOME/json" 2>/dev/null
}

says()
{
	[ "$(in_json "$1")" = "$2" ]
}

# check_counts WHAT MEMBER COUNT: drops so many packets while $counting writes lines to $HOME/json, until that member of
# the last one is the count.
check_counts()
{
	wait_for 30 says 0 0 || fail "$1: nothing is counted"
	send port="$port" count="$3"
	wait_for 30 says "$2" "$3" || fail "$1: $(cat "$HOME/json")"
	kill -s INT "$counting"
	wait "$counting" || fail "$1: $(cat "$HOME/json")"
	says "$2" "$3" || fail "$1, at the end: $(cat "$HOME/json")"
	check_equal "$1: the last line" True "$(in_json 'line["final"]')"
}

xdpshark stat kernel:drops --json udp port "$port" >"$HOME/json" &
counting=$!
check_counts "stat" 'line["points"][0]["actions"]["SEEN"]["packets"]' 30

for point in kernel:drops ssh://elsewhere/kernel:drops; do
	xdpshark capture "$point" --transport env --json -w "$file" udp port "$port" 2>"$HOME/json" &
	counting=$!
	check_counts "$point" 'line["matched"]' 20
	check_equal "$point" "kernel 0 20" "$(in_json '" ".join(str(line[name]) for name in ("source", "lost", "written"))')"
done
