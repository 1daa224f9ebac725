# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by the scripts here: the steps that they have in common.
# Each script runs as `tests/sandbox BUILD SCRIPT`.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$tests/world.sh"

hook=/sys/fs/bpf/example_hook
example=$BUILD/tests/programs/example.bpf.o
example_frags=$BUILD/tests/programs/example_frags.bpf.o
example_old=$BUILD/tests/programs/example_old.bpf.o
file=$HOME/capture.pcapng
fifo=$HOME/fifo

fail()
{
	printf 'FAIL: %s\n' "$*" >&2
	exit 1
}

# check_equal WHAT EXPECTED ACTUAL
check_equal()
{
	[ "$2" = "$3" ] || fail "$1: expected <$2>, got <$3>"
}

# Runs a command for three minutes at most. A function must take care of that itself.
with_limit()
{
	if [ "$(type -t "$1")" = function ]; then
		"$@"
	else
		timeout 180 "$@"
	fi
}

# check_run STATUS COMMAND...: the output goes to $HOME/stdout and $HOME/stderr.
check_run()
{
	local expected=$1 status=0
	shift
	with_limit "$@" >"$HOME/stdout" 2>"$HOME/stderr" </dev/null || status=$?
	[ $status = "$expected" ] || fail "exit status $status, not $expected: $*: $(cat "$HOME/stderr")"
}

# check_refusal STATUS TEXT COMMAND...: it prints TEXT on standard error and nothing else.
check_refusal()
{
	local status=$1 text=$2
	shift 2
	check_run "$status" "$@"
	check_equal "what is said by: $*" "$text" "$(cat "$HOME/stderr")"
	check_equal "standard output of: $*" "" "$(cat "$HOME/stdout")"
}

# The world with the example attached to server0; its hook is $hook.
example_create()
{
	world_create
	world_attach "$example"
}

# What reads slowly, or not at all, reads $fifo.
fifo_create()
{
	mkfifo "$fifo"
}

# The world with two hooks: $hook of server0, and $second, for fragments, of client0.
two_hooks_create()
{
	world_create
	world_attach "$example"
	# Both have the same name, so the first pin moves.
	mkdir /sys/fs/bpf/one
	mv "$hook" /sys/fs/bpf/one/example_hook
	hook=/sys/fs/bpf/one/example_hook
	second=/sys/fs/bpf/example_hook
	bpftool prog load "$example_frags" /sys/fs/bpf/second
	on "$client" bpftool net detach xdp dev client0
	on "$client" bpftool net attach xdp pinned /sys/fs/bpf/second dev client0
}

# capture_launch ARGUMENT...: xdpshark capture in the background; $capture is its pid.
capture_launch()
{
	: >"$HOME/errors"
	xdpshark capture "$@" 2>"$HOME/errors" &
	capture=$!
}

# capture_wait [SLOTS [HOOK]]: waits until that capture holds exactly these slots.
capture_wait()
{
	wait_for 20 capture_is_on "${2:-$hook}" "${1:-0 1 2 3 4}" || fail "no capture: $(cat "$HOME/errors")"
}

capture_is_on()
{
	kill -0 "$capture" 2>/dev/null || fail "the capture has ended: $(cat "$HOME/errors")"
	[ "$(slots_taken "$1")" = "$2" ]
}

# capture_start ARGUMENT...: a capture of all actions of $hook, from its first packet on.
capture_start()
{
	capture_launch "$hook" "$@"
	capture_wait
}

# capture_join: waits for the capture to end by itself, successfully.
capture_join()
{
	local status=0
	wait_for 60 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || status=$?
	[ $status = 0 ] || fail "the capture ended with status $status: $(cat "$HOME/errors")"
	check_equal "standard error of the capture" "" "$(cat "$HOME/errors")"
	check_equal "slots after the capture" "" "$(slots_taken "$hook")"
}

# capture_end [SIGNAL]
capture_end()
{
	kill -s "${1:-TERM}" "$capture"
	capture_join
}

# A child that has ended remains as a zombie until it is waited for.
process_has_ended()
{
	local state
	state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || return 0
	[ "$state" = Z ]
}

blocks()
{
	"$tests/capture/blocks.py" "$@"
}

# The path of the hook, from the description of the file's only interface.
described_hook()
{
	blocks "$file" IDB description | /usr/bin/python3 -c 'import sys, urllib.parse
words = dict(word.split(b"=", 1) for word in sys.stdin.buffer.read().split()[1:])
sys.stdout.buffer.write(urllib.parse.unquote_to_bytes(words[b"hook"]))'
}

# statistics VALUE [FILE]: of the file's only interface.
statistics()
{
	blocks "${2:-$file}" ISB "$1"
}

packets()
{
	blocks "${1:-$file}" EPB time | wc -l
}

# Packets that the server's XDP program has seen, TX and DROP included.
server_received()
{
	on "$server" awk '$1 == "server0:" { print $3 }' /proc/net/dev
}

server_has_received()
{
	[ "$(server_received)" -ge "$1" ]
}

# Packets that have arrived where the program redirects them.
sink_received()
{
	on "$sink" awk '$1 == "sink0:" { print $3 }' /proc/net/dev
}

sink_has_received()
{
	[ "$(sink_received)" -ge "$1" ]
}

# program_in SLOT: the id of the program in that slot of the only hook.
program_in()
{
	xdpshark list --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["slots"][int(sys.argv[1])]["program"]["id"])' "$1"
}

# send OPTION... PORT...: see send.py.
send()
{
	on "$client" "$tests/capture/send.py" "$@"
}

# launch NAMESPACE OUTPUT COMMAND...: in the background; $launched is its pid.
launch()
{
	local namespace=$1 output=$2
	shift 2
	: >"$output"
	nsenter --net="/run/netns/$namespace" -- "$@" >"$output" &
	launched=$!
}

# traffic_start OPTION... PORT...: sends packets until traffic_end.
traffic_start()
{
	local before
	before=$(server_received)
	launch "$client" "$HOME/sent" "$tests/capture/send.py" "$@"
	traffic=$launched
	wait_for 20 server_has_received $((before + 100)) || fail "no traffic"
}

traffic_end()
{
	kill "$traffic"
	wait "$traffic" || fail "the sender failed"
}

# The kernel's counters and the packets in the file agree exactly.
check_sums()
{
	local of=${1:-$file} accepted dropped delivered
	accepted=$(statistics accepted "$of")
	dropped=$(statistics dropped "$of")
	delivered=$(statistics delivered "$of")
	check_equal "ISBs" 1 "$(blocks "$of" ISB interface | wc -l)"
	check_equal "packets in the file, as the ISB says" "$delivered" "$(packets "$of")"
	check_equal "matched = captured + lost" "$accepted" $((delivered + dropped))
}
