#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rewrite.sh OBJECT BARE [native]: a program that translates, tags, wraps, cuts, calls others by tail calls and redirects to
# devices, CPUs and sockets is captured to the byte: each packet once as it came in, and once as it went out, which is
# how it arrives elsewhere. In native and, if not asked for that alone, generic mode, with long frames, and without BTF, where
# the kernel allows it.
set -eu
. "$(dirname "$0")/trace.sh"
object=$1
bare=$2
rounds=2

# Without frames in fragments a device with a program takes no others.
lengthen()
{
	ip -n "$client" link set client0 mtu 9000
	ip -n "$server" link set server0 mtu 9000
	ip -n "$server" link set server1 mtu 9000
	ip -n "$sink" link set sink0 mtu 9000
}

# rewritten OBJECT MODE WHAT
rewritten()
{
	local mode=$2
	rm -f "$HOME/go"
	mkfifo "$HOME/go"
	"$BUILD/tests/trace/rewrite" "$1" "$client" "$server" "$sink" "$mode" $rounds <"$HOME/go" >"$HOME/result" &
	sender=$!
	exec 3>"$HOME/go"
	wait_for 30 grep -q '^ready\|^SKIP' "$HOME/result" || fail "no program on the device"
	if grep -q ^SKIP "$HOME/result"; then
		no_part "$3" "$(sed -n 's/^SKIP: //p' "$HOME/result")"
	elif trace_launch capture 'udp portrange 2000-2020 or (vlan and udp)'; then
		[ "$mode" != fragments ] || lengthen
		echo >&3
		wait_for 120 has_sent || fail "$mode: the packets were not sent"
		trace_end capture
		check_result "$mode, $1"
		check_targets "$mode"
		part "$3"
	elif [ "$1" != "$bare" ]; then
		[ -z "${TRACING_NEEDED:-}" ] || fail "$refusal"
		echo "SKIP: $refusal"
		exit 77
	else
		no_part "$3" "$(dispatcher_refusal <<<"$refusal")"
	fi
	exec 3>&-
	wait "$sender" || true
}

has_sent()
{
	! process_has_ended "$sender" || fail "the sender has ended"
	grep -q '^sent' "$HOME/result"
}

check_result()
{
	sed '/^ready\|^sent/d' "$HOME/result" >"$HOME/expected"
	blocks "$HOME/capture.pcapng" EPB comment data >"$HOME/comments"
	sed 's/ ns=[0-9]*//; s/ redirect=[^\t ]*//; s/ socket=[0-9]*//; s/ process=[^\t ]*//' "$HOME/comments" >"$HOME/captured"
	diff "$HOME/expected" "$HOME/captured" >"$HOME/difference" ||
		fail "$1: other packets than went in and came out: $(cut -c 1-300 "$HOME/difference" | head -n 8)"
	[ "$(wc -l <"$HOME/captured")" -ge $((rounds * 2 * 12)) ] || fail "$1: only $(wc -l <"$HOME/captured") packets"
}

# check_targets MODE: where packets were redirected to, where the kernel shows it (5.14).
check_targets()
{
	local targets index
	targets=$(sed -n 's/.*action=REDIRECT.* redirect=\([^ \t]*\).*/\1/p' "$HOME/comments" | sed 's/map:[0-9]*:/map:/' | sort -u | paste -sd ' ')
	[ -n "$targets" ] || return 0
	index=$(device_index "$server" server1)
	case $1 in
	native) check_equal "targets" "cpumap:1 devmap:1 if:#$index xskmap:0" "$targets" ;;
	generic) check_equal "targets" "devmap:1 if:#$index xskmap:0" "$targets" ;;
	fragments) check_equal "targets" "cpumap:1 devmap:1 if:#$index" "$targets" ;;
	esac
}

what="packets that a program without a hook rewrites, redirects and passes on by tail calls, to the byte"
world_create
point=xdp-prog:$server:server0
rewritten "$object" native "$what"
[ "${3:-}" != native ] || exit 0
rewritten "$object" generic "$what, generic mode"
rewritten "$bare" native "$what, without BTF"
rewritten "$bare" generic "$what, without BTF, generic mode"
rewritten "$object" fragments "$what, jumbo frames"
