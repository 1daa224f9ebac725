#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mistakes on the command line have exit status 2, say what would be right, and touch nothing.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
echo "somebody's capture" >"$file"
cp "$file" "$HOME/before"

# usage TEXT ARGUMENT...
usage()
{
	local text=$1
	shift
	check_refusal 2 "xdpshark: $text" xdpshark "$@"
	cmp "$HOME/before" "$file" || fail "the file is not what it was after: $*"
}

usage "no hook given: name the path where one is pinned, such as /sys/fs/bpf/fw, or its device ('xdpshark list' shows them)" capture -w "$file"
usage "there is no hook 'udp', and no device with one: give the path, the name or the device of a hook first, then the filter (there is: $hook (XDP hook example_hook on server0 (netns $server) (program example)))" capture -w "$file" udp port 53
usage "--snaplen: '-1' is not a number from 0 to 262144" capture "$hook" -w "$file" -s -1
usage "--snaplen: '262145' is not a number from 0 to 262144" capture "$hook" -w "$file" --snaplen=262145
usage "--snaplen: '60k' is not a number from 0 to 262144" capture "$hook" -w "$file" -s 60k
usage "--buffer: '' is not a number from 0 to 65536" capture "$hook" -w "$file" -B ''
usage "--count: 'many' is not a number from 0 to 9223372036854775807" capture "$hook" -w "$file" -c many
usage "--count: '99999999999999999999' is not a number from 0 to 9223372036854775807" capture "$hook" -w "$file" -c 99999999999999999999
usage "--duration: '-2' is not a number of seconds from 0 to 1000000000" capture "$hook" -w "$file" --duration -2
for seconds in nan inf 1000000001 1e300; do
	usage "--duration: '$seconds' is not a number of seconds from 0 to 1000000000" capture "$hook" -w "$file" --duration $seconds
done
usage "--actions: 'dropp' is none of aborted, drop, pass, tx, redirect" capture "$hook" -w "$file" -a tx,dropp
usage "--verdict: 'maybe' is none of on, off" capture "$hook" -w "$file" --verdict maybe
usage "--log-level: 'loud' is none of warning, message, info, debug" capture "$hook" -w "$file" --log-level loud
usage "--write: the name of the file is empty (-: standard output)" capture "$hook" -w ''
usage "--write: the name of the file is empty (-: standard output)" capture "$hook" --write= udp port 53
ln "$file" "$HOME/linked"
for log in "$file" "$HOME/linked" "$HOME/../home/$(basename "$file")"; do
	usage "--log-file: $log is the file that packets are written to (-w): name another one" capture "$hook" -w "$file" --log-file "$log"
done
for option in at=entry filter-at=exit; do
	check_refusal 1 "xdpshark: --${option%=*} is not for an XDP hook, which shows packets as they leave the program: capture xdp-prog:DEVICE for that" \
		xdpshark capture "$hook" -w "$file" --$option
	cmp "$HOME/before" "$file" || fail "the file is not what it was after --$option"
done
usage "Unknown option --snaplem" capture "$hook" -w "$file" --snaplem 5
usage "Missing argument for -c" capture "$hook" -w "$file" -c
usage "there is no command 'captur': see 'xdpshark --help'" captur "$hook" -w "$file"

check_run 2 xdpshark
grep -q '^Usage: xdpshark COMMAND' "$HOME/stdout" || fail "no usage"
for help in --help "capture --help" "filter --help" "list --help"; do
	# shellcheck disable=SC2086
	check_run 0 xdpshark $help
	grep -q '^Usage:' "$HOME/stdout" || fail "no usage in xdpshark $help"
	check_equal "standard error of $help" "" "$(cat "$HOME/stderr")"
done
check_run 0 xdpshark --version
grep -qE '^xdpshark [0-9]+\.[0-9]+\.[0-9]+$' "$HOME/stdout" || fail "version: $(cat "$HOME/stdout")"
check_equal "slots" "" "$(slots_taken "$hook")"
