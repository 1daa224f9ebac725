#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Three captures with different filters on one hook: each gets exactly its own packets while the others start and
# end, from the front, the middle and the end of the chain.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
world_create
world_attach "$example"

# start NAME FILTER...: sets pid_NAME.
start()
{
	local name=$1
	shift
	: >"$HOME/$name.log"
	xdpshark capture "$hook" -v -w "$HOME/$name.pcapng" "$@" 2>"$HOME/$name.log" &
	eval "pid_$name=$!"
	wait_for 20 grep -q 'capturing on' "$HOME/$name.log"
}

# stop NAME: ends the capture; its packets' ports go to NAME.ports.
stop()
{
	local pid
	eval "pid=\$pid_$1"
	kill -INT "$pid"
	wait "$pid"
	tshark -r "$HOME/$1.pcapng" -T fields -e udp.dstport 2>/dev/null | tr '\n' ' ' >"$HOME/$1.ports"
}

expect()
{
	[ "$(cat "$HOME/$1.ports")" = "$2" ] || { echo "$1 has ports $(cat "$HOME/$1.ports"), not $2"; exit 1; }
}

send_round()
{
	world_send 1001 1
	world_send 1002 1
	world_send 1002 1
	world_send 1003 1
}

start one udp port 1001
start two udp port 1002
start three udp
send_round
stop two
send_round
stop three
send_round
start four udp port 1003
send_round
stop one
send_round
stop four
expect one '1001 1001 1001 1001 '
expect two '1002 1002 '
expect three '1001 1002 1002 1003 1001 1002 1002 1003 '
expect four '1003 1003 '
is_not_capturing "$hook" || { echo "something is left in the slots"; exit 1; }
