#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With standard descriptors closed, each command works or fails with a line. None hangs, and none writes its
# output into something else that got the number.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
log=$HOME/log

# without "FD..." COMMAND...: its exit status is $status; standard output and error, where open, in $HOME/stdout and stderr.
without()
{
	local fds=$1 fd
	shift
	: >"$HOME/stdout"
	: >"$HOME/stderr"
	status=0
	(
		exec </dev/null >"$HOME/stdout" 2>"$HOME/stderr"
		for fd in $fds; do
			eval "exec $fd>&-"
		done
		exec timeout 180 "$@"
	) || status=$?
	[ $status -lt 124 ] || fail "without $fds: status $status: $*"
}

# answers FDS TEXT COMMAND...: the output has TEXT; if nothing can be printed, the command fails and says so.
answers()
{
	local fds=$1 text=$2
	shift 2
	without "$fds" "$@"
	case " $fds " in
	*" 1 "*)
		check_equal "status without $fds: $*" 1 $status
		case " $fds " in
		*" 2 "*) ;;
		*) grep -q 'xdpshark: cannot write to standard output' "$HOME/stderr" || fail "without $fds, nothing is said: $*: $(cat "$HOME/stderr")" ;;
		esac
		;;
	*)
		check_equal "status without $fds: $*: $(cat "$HOME/stderr")" 0 $status
		grep -q "$text" "$HOME/stdout" || fail "without $fds: $*: $(cat "$HOME/stdout")"
		;;
	esac
}

for fds in 0 1 2 "0 1" "0 2" "1 2" "0 1 2"; do
	answers "$fds" "^$hook .*example#" xdpshark list
	answers "$fds" '"example_hook"' xdpshark list --json
	answers "$fds" "^interface {value=xdp:$hook}" xdpshark --extcap-interfaces
	answers "$fds" "ldh" xdpshark filter --emit cbpf udp
	answers "$fds" "^Usage:" xdpshark --help
	answers "$fds" "^Usage:" xdpshark capture --help
	# It may find what captures lack; it answers in any case.
	without "$fds" xdpshark doctor
	case " $fds " in
	*" 1 "*) check_equal "status of doctor without $fds" 1 $status ;;
	*) [ -s "$HOME/stdout" ] || fail "doctor says nothing without $fds" ;;
	esac

	# The file has the packets and the log the messages, and neither has anything else.
	rm -f "$file" "$log"
	without "$fds" xdpshark capture "$hook" -v -w "$file" --log-file "$log" --duration 0.2
	check_equal "status of a capture without $fds: $(cat "$HOME/stderr" "$log")" 0 $status
	check_sums
	grep -qvE '^[-0-9T:.Z]+ \[[0-9]+\] ' "$log" && fail "in the log: $(cat "$log")"

	# To standard output; what goes wrong is on standard error and never in the file.
	without "$fds" xdpshark capture "$hook" --duration 0.2
	case " $fds " in
	*" 1 "*) check_equal "status of a capture to a closed standard output" 1 $status ;;
	*) check_equal "status of a capture to standard output without $fds" 0 $status && check_sums "$HOME/stdout" ;;
	esac
done

without 1 xdpshark capture "$hook" --duration 0.2
check_equal "what is said" "xdpshark: standard output is closed, or open for reading only: write the capture to a file (-w FILE)" "$(cat "$HOME/stderr")"
without 2 xdpshark capture "$hook" -w "$file" udp prot 53
check_equal "status of a capture with a wrong filter" 1 $status
check_equal "slots" "" "$(slots_taken "$hook")"
