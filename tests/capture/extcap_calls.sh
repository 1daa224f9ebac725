#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each call that Wireshark makes outside of a capture, with our exact answer.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
version=$(xdpshark --version | sed 1!d)
version=${version#xdpshark }
head="extcap {version=$version}{help=file:///usr/local/share/doc/xdpshark/docs/dialog.html}{display=XDP hooks}"
interface=xdp:$hook

# answer STATUS TEXT ARGUMENT...: TEXT is on standard output, and nothing on standard error.
answer()
{
	local status=$1 text=$2
	shift 2
	check_run "$status" xdpshark "$@"
	# Programs on devices are interfaces, too: tests/trace.
	check_equal "answer to $*" "$text" "$(grep -v '^interface {value=xdp-prog:' "$HOME/stdout")"
	check_equal "standard error of $*" "" "$(cat "$HOME/stderr")"
}

# complaint TEXT ARGUMENT...: a call that Wireshark never makes.
complaint()
{
	local text=$1
	shift
	check_refusal 2 "xdpshark: $text" xdpshark "$@"
}

# interfaces TEXT ARGUMENT...: the same without the toolbar's sentences, which toolbar.sh knows, and
# without programs on devices.
interfaces()
{
	local text=$1
	shift
	check_run 0 xdpshark "$@"
	check_equal "answer to $*" "$text" \
		"$(grep -vE '^(control|value) (\{[a-z]+=[^{}]*\})+$|^interface \{value=(xdp-prog|kernel):' "$HOME/stdout")"
	check_equal "standard error of $*" "" "$(cat "$HOME/stderr")"
}

# Interfaces. The document that the help leads to is there.
line="interface {value=$interface}{display=XDP hook example_hook on server0 (netns $server) (program example)}
interface {value=xdp-remote}{display=XDP on a remote host}"
interfaces "$head
$line" --extcap-interfaces --extcap-version=4.0
interfaces "$head
$line" --extcap-interfaces
interfaces "$head
$line" --extcap-interfaces --extcap-version=4.6 --extcap-of-a-later-wireshark --extcap-and=another
[ -r /usr/local/share/doc/xdpshark/docs/dialog.html ] || fail "no page where the help link leads"

answer 0 "dlt {number=1}{name=EN10MB}{display=Ethernet}" --extcap-dlts --extcap-interface "$interface"
complaint "no --extcap-interface given, such as xdp:/sys/fs/bpf/fw" --extcap-dlts
complaint "no --extcap-interface given, such as xdp:/sys/fs/bpf/fw" --extcap-config
complaint "no --fifo given to write the packets to" --capture --extcap-interface "$interface"

# Options. What people read in the dialog is left out here.
actions="value {arg=1}{value=aborted}{default=true}
value {arg=1}{value=drop}{default=true}
value {arg=1}{value=pass}{default=true}
value {arg=1}{value=tx}{default=true}
value {arg=1}{value=redirect}{default=true}"
check_run 0 xdpshark --extcap-config --extcap-interface "$interface"
grep -vE '^(arg|value) (\{[a-z]+=[^{}]*\})+$' "$HOME/stdout" && fail "sentences that Wireshark does not understand"
check_equal "options" "arg {number=0}{call=--snaplen}{type=integer}{range=0,262144}{default=0}{group=Packets}
arg {number=1}{call=--actions}{type=multicheck}{group=Packets}
$actions
arg {number=2}{call=--track}{type=boolflag}{group=Packets}
arg {number=3}{call=--buffer}{type=integer}{range=0,65536}{default=0}{group=Load}
arg {number=4}{call=--sample}{type=integer}{range=0,1000000000}{default=0}{group=Load}
arg {number=5}{call=--rate}{type=integer}{range=0,1000000000}{default=0}{group=Load}
arg {number=6}{call=--count}{type=integer}{range=0,2147483647}{default=0}{group=Packets}
arg {number=7}{call=--duration}{type=double}{range=0,1000000000}{default=0}{group=Packets}
arg {number=8}{call=--share-foreign}{type=boolflag}{group=Packets}
arg {number=9}{call=--unproven}{type=boolflag}{group=Packets}
arg {number=10}{call=--follow}{type=boolflag}{group=Packets}
arg {number=11}{call=--verdict}{type=selector}{group=File and log}
value {arg=11}{value=on}
value {arg=11}{value=off}
arg {number=12}{call=--comments}{type=selector}{group=File and log}
value {arg=12}{value=short}{default=true}
value {arg=12}{value=full}{default=false}
value {arg=12}{value=off}
arg {number=13}{call=--log-file}{type=fileselect}{mustexist=false}{group=File and log}
arg {number=14}{call=--log-level}{type=selector}{group=File and log}
value {arg=14}{value=warning}{default=false}
value {arg=14}{value=message}{default=false}
value {arg=14}{value=info}{default=true}
value {arg=14}{value=debug}{default=false}" \
	"$(sed 's/{display=[^}]*}//; s/{tooltip=[^}]*}//; s/\({value=o[nf]*}\){default=[a-z]*}/\1/' "$HOME/stdout")"
check_equal "choices that are set" 1 "$(grep -c '^value {arg=11}.*{default=true}' "$HOME/stdout")"

# The reload button passes every option, boolflags with a value that is a stray operand.
check_run 0 xdpshark --extcap-config --extcap-interface "$interface" --extcap-reload-option actions \
	--snaplen 0 --actions drop --buffer 0 --log-file '' --verdict off true false
check_equal "reload" "$actions" "$(sed 's/{display=[^}]*}//' "$HOME/stdout")"
answer 0 "" --extcap-config --extcap-interface "$interface" --extcap-reload-option nothing

# After a kill; and a call of a later Wireshark.
answer 0 "" --extcap-cleanup-postkill
answer 0 "" --extcap-something --extcap-interface "$interface"
