#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The exit statuses that xdpshark(1) promises, of every command: 2 for a wrong command line, 1 for what could not be done, 0 else; and
# a failure is one line, that begins with the program's name.
set -eu
. "$(dirname "$0")/../capture/steps.sh"

# one STATUS ARGUMENT...
one()
{
	local status=$1
	shift
	check_run "$status" xdpshark "$@"
	[ "$status" = 0 ] || check_equal "lines of: $*" "1 1" "$(grep -c '^xdpshark: .' "$HOME/stderr") $(wc -l <"$HOME/stderr")"
}

commands=$(xdpshark --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ -n "$commands" ] || fail "no commands in --help"
for command in $commands; do
	one 2 "$command" --no-such-option
	one 0 "$command" --help
	one 0 "$command" -h
done
one 2 no-such-command
for command in list doctor; do
	one 2 "$command" operand
done
one 2 capture
one 2 capture no-such-hook
one 2 capture -c many /sys/fs/bpf/none
one 2 capture -q --json /sys/fs/bpf/none
one 2 filter --emit rust udp
one 2 filter --batch list
one 2 filter --cbpf file udp
one 1 capture /sys/fs/bpf/none
one 1 capture /etc/passwd
one 1 filter no such filter
one 1 filter --match "$HOME/none" udp
one 1 filter --cbpf "$HOME/none"
one 0 filter udp
check_run 0 xdpshark list
check_run 0 xdpshark doctor
# Where nothing can be captured: without rights.
check_run 1 setpriv --reuid 65534 --regid 65534 --clear-groups xdpshark doctor
check_run 1 setpriv --reuid 65534 --regid 65534 --clear-groups xdpshark list

world_create
world_attach "$example"
for limit in "--duration 0.2" "--duration 60 -a duration:0.2"; do
	# shellcheck disable=SC2086
	check_run 0 xdpshark capture "$hook" -q -w "$file" $limit
done
one 1 capture "$hook" -w /nowhere/file
one 1 capture "$hook" -w "$file" no such filter

check_run 2 xdpshark
check_equal "examples of xdpshark alone" 3 "$(sed -n '/^Examples:/,/^$/p' "$HOME/stdout" | grep -c '^  xdpshark')"
check_equal "standard error of xdpshark alone" "" "$(cat "$HOME/stderr")"
check_run 0 xdpshark --version
sed 1q "$HOME/stdout" | grep -qE '^xdpshark [0-9]+\.[0-9]+\.[0-9]+$' || fail "the first line of --version: $(cat "$HOME/stdout")"
for text in 'built with: libpcap [0-9.]+.*, libbpf [0-9.]+, GLib [0-9.]+, Wireshark (none|[0-9.]+)' 'runs with: libpcap version [0-9.]+.*, GLib [0-9.]+' \
	'features: ' 'privileged part: /usr/local/libexec/xdpshark/xdpshark-hookd'; do
	grep -qE "^$text" "$HOME/stdout" || fail "--version does not say '$text': $(cat "$HOME/stdout")"
done
