#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong arguments of `xdpshark stat` are refused with a line that says what to do, before anything is touched; hooks are
# named as for captures.
set -eu
. "$(dirname "$0")/steps.sh"

# Nothing to count.
check_refusal 1 "xdpshark: there is no hook to count at: 'xdpshark list' says why" xdpshark stat -n 1
example_create

refuse()
{
	check_refusal "$1" "xdpshark: $2" xdpshark stat "${@:3}"
}

refuse 2 "--interval: '0' is not a number of seconds from 0.1 to 86400" -i 0
refuse 2 "--interval: 'nan' is not a number of seconds from 0.1 to 86400" --interval=nan
refuse 2 "--interval: '1e9' is not a number of seconds from 0.1 to 86400" -d 1e9
refuse 2 "--count: '-1' is not a number of intervals" -n -1
refuse 2 "--count: 'x' is not a number of intervals" -n x
refuse 2 "--duration: 'soon' is not a number of seconds from 0 to 1000000000" --duration soon
refuse 2 "--actions: 'drp' is none of aborted, drop, pass, tx, redirect" -a drop,drp
refuse 2 "--color: 'red' is none of auto, always, never" --color red
refuse 2 "--json and --openmetrics are two forms: choose one" --json --openmetrics
refuse 2 "--output: the name of the file is empty (-: standard output)" --openmetrics=
refuse 2 "-f and -F are two filters: choose one" -f udp -F -
refuse 2 "-w: nothing is kept of packets here: 'xdpshark capture -w FILE' writes them" "$hook" -w x
refuse 2 "'ssh://web1/sys/fs/bpf/fw' is on another host, and hooks are counted where they are: run xdpshark stat there, such \
as 'ssh -t HOST xdpshark stat'" ssh://web1/sys/fs/bpf/fw
refuse 1 "capture filter \"udp port\": $(xdpshark filter udp port 2>&1 | sed 's/^xdpshark: //')" "$hook" udp port
refuse 1 "/dev/null is no file, and metrics take the place of one: name another one, such as \
/var/lib/prometheus/node-exporter/xdp.prom" "$hook" -o /dev/null
refuse 1 "$hook and $hook are the same hook: name it once" "$hook" "$hook"
check_run 2 xdpshark stat nothing -n 1
grep -q "there is no hook 'nothing'" "$HOME/stderr" || fail "an unknown hook: $(cat "$HOME/stderr")"
check_run 1 xdpshark stat /sys/fs/bpf/nothing -n 1
check_run 1 xdpshark stat "$hook" -o "$HOME/none/x.prom" -n 1
grep -q "cannot write to $HOME/none/x.prom: No such file or directory: create its directory first" "$HOME/stderr" ||
	fail "no folder: $(cat "$HOME/stderr")"
check_equal "slots" "" "$(slots_taken "$hook")"

check_run 0 xdpshark stat "$hook" -n 1 -i 0.1 --color always
grep -q $'\e\\[31mDROP\e' "$HOME/stdout" || fail "no colour: $(cat -v "$HOME/stdout")"

# By name, by device, by -i; an option with a value in one word; --openmetrics takes no word.
for words in "example_hook" "server0" "-i server0" "-i example_hook" "-f udp example_hook" "-n1 $hook" "--openmetrics example_hook"; do
	# shellcheck disable=SC2086
	check_run 0 xdpshark stat -i 0.1 -n 1 $words
	grep -q "$hook" "$HOME/stdout" || fail "$words: $(cat "$HOME/stdout")"
done
