# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by the scripts here: captures of $point, the program on a device, where the kernel allows that.
. "$(dirname "${BASH_SOURCE[0]}")/../capture/steps.sh"
point=

# part WHAT: that has been proven, for tests/vm.
part()
{
	[ -z "${TRACING_NEEDED:-}" ] || echo "yes: $*"
}

# no_part WHAT WHY
no_part()
{
	[ -z "${TRACING_NEEDED:-}" ] || echo "no: $1: $2"
}

# dispatcher_refusal: prints the kernel's part in a refusal of a program without BTF.
dispatcher_refusal()
{
	sed -n "s/.*\\(this kernel's function that calls all XDP programs [^;:]*\\).*/\\1/p"
}

capture_has_begun_or_ended()
{
	grep -q 'apturing on' "$1" || process_has_ended "$launched"
}

# trace_launch NAME ARGUMENT...: a capture in the background, into $HOME/NAME.pcapng; its pid is traces[NAME]. Fails
# where this kernel does not allow it, with $refusal.
declare -A traces
trace_launch()
{
	local name=$1
	shift
	xdpshark capture "$point" -v -w "$HOME/$name.pcapng" "$@" 2>"$HOME/$name.log" &
	launched=$!
	traces[$name]=$launched
	wait_for 60 capture_has_begun_or_ended "$HOME/$name.log" || fail "no capture: $(cat "$HOME/$name.log")"
	! grep -q 'apturing on' "$HOME/$name.log" || return 0
	refusal=$(sed -n 's/^xdpshark: the [A-Za-z]* program on [^ ]* cannot be captured: //p' "$HOME/$name.log")
	[ -n "$refusal" ] || fail "no capture: $(cat "$HOME/$name.log")"
	return 1
}

# trace_start NAME ARGUMENT...: the same; a refusal skips the test, or fails where TRACING_NEEDED is set.
trace_start()
{
	trace_launch "$@" && return
	[ -z "${TRACING_NEEDED:-}" ] || fail "$refusal"
	echo "SKIP: $refusal"
	exit 77
}

# trace_end NAME
trace_end()
{
	local pid=${traces[$1]}
	kill -s TERM "$pid"
	wait_for 60 process_has_ended "$pid" || fail "the capture does not end"
	wait "$pid" || fail "the capture: $(cat "$HOME/$1.log")"
}

# The programs, maps and links in the kernel.
objects()
{
	"$BUILD/tests/trace/objects"
}

# left OBJECTS: what there is besides these. Some may have gone: the kernel frees what others have left when it likes.
left()
{
	objects | sort | comm -13 <(sort <<<"$1") -
}

nothing_is_left()
{
	[ -z "$(left "$1")" ]
}

# check_left OBJECTS WHAT
check_left()
{
	wait_for 20 nothing_is_left "$1" || fail "left by $2: $(left "$1")"
}

# firewall_create OBJECT [BARE]: the world with that program on server0. It is pinned twice, as `one` and `two`, and
# without BTF as `bare`.
firewall_create()
{
	local name
	world_create
	for name in one two; do
		bpftool prog load "$1" /sys/fs/bpf/$name
	done
	[ -z "${2:-}" ] || bpftool prog load "$2" /sys/fs/bpf/bare
	attach one
	point=xdp-prog:$server:server0
}

# attach NAME: in the place of what is there.
attach()
{
	on "$server" bpftool net attach xdpdrv pinned "/sys/fs/bpf/$1" dev server0 overwrite
}

# sightings NAME: "NUMBER PACKET POINT" of each, without the others' packets.
sightings()
{
	blocks "$HOME/$1.pcapng" EPB packetid comment payload | sed -n 's/^\([0-9]*\)\txdp at=\([a-z]*\).*\t1002 \([0-9]*\)$/\3 \1 \2/p'
}
