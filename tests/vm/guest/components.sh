#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that have taken the place of functions of the one on the device, as behind libxdp's dispatcher, are points of
# their own: listed, captured as others are, and still there when the dispatcher is replaced by a newer one.
set -eu
. "$(dirname "$0")/proof.sh"
device=server0
world_create
point=xdp-prog:$server:$device
python=/usr/bin/python3
# Only what there is time for with each change.
brief=${XDPSHARK_BRIEF:-}

# listed: interface, name and dispatcher of each point of the device.
listed()
{
	xdpshark list --json | "$python" -c '
import json, sys
for p in json.load(sys.stdin):
    if p["source"] == "xdp-prog" and p["interface"].startswith(sys.argv[1]):
        print(p["interface"][len(sys.argv[1]):], p["name"], p["dispatcher"])' "$point"
}

# capture_point POINT ARGUMENT...: starts a capture of packets of ethertype 88b5.
capture_point()
{
	rm -f "$file"
	capture_launch "$1" -v -w "$file" "${@:2}" 'ether proto 0x88b5'
	wait_for 60 grep -q apturing "$HOME/errors" || fail "no capture of $1: $(cat "$HOME/errors")"
}

capture_stop()
{
	kill -s TERM "$capture"
	wait_for 30 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
}

send_kinds()
{
	on "$client" "$tests/trace/send_kinds.py" client0 "$@"
}

comments()
{
	blocks "$file" EPB comment | sed 's/ ns=[1-9][0-9]*//' | paste -sd '|'
}

# One component, by links alone, or by libxdp's pins where links do not tell.
if [ -n "$brief" ]; then
	:
elif on "$server" "$BUILD/tests/vm/replace" "$BUILD/tests/vm/dispatcher.bpf.o" "$BUILD/tests/vm/components.bpf.o" $device; then
	id=$(ip -n "$server" -o -d link show $device | sed 's,.*prog/xdp id \([0-9]*\).*,\1,')
	mkdir -p /sys/fs/bpf/xdp/dispatch-2-"$id"
	mv /sys/fs/bpf/replacing /sys/fs/bpf/xdp/dispatch-2-"$id"/prog0-prog
	check_equal "points" " dispatcher None
/first_component_of_two first_component_of_two dispatcher" "$(listed)"
	xdpshark --extcap-interfaces | grep -qF "{value=$point/first_component_of_two}{display=XDP program first_component_of_two on $device (netns $server) (dispatcher dispatcher)}" ||
		fail "not among the interfaces: $(xdpshark --extcap-interfaces)"
	capture_point "$point/first_component_of_two"
	send_kinds 0 1 2
	capture_stop
	check_equal "entries and exits" "xdp at=entry|xdp at=exit action=PASS|xdp at=entry|xdp at=exit action=DROP|xdp at=entry|xdp at=exit action=PASS" "$(comments)"
	check_equal "interfaces of the file" "$device:first_component_of_two()@fentry|$device:first_component_of_two()@fexit" \
		"$(blocks "$file" IDB name | paste -sd '|')"
	check_run 1 xdpshark capture "$point/other" -w "$file"
	check_equal "a component that is not there" "xdpshark: no component other is in the XDP program on $server:$device: there is $server:$device/first_component_of_two" \
		"$(cat "$HOME/stderr")"
	yes "components of a program, as points"
	on "$server" ip link set dev $device xdp off
	rm -r /sys/fs/bpf/xdp /sys/fs/bpf/replacement

	# In the place of the main function: the program on the device is refused, what runs is captured.
	on "$server" "$BUILD/tests/vm/replace" "$BUILD/tests/vm/dispatcher.bpf.o" "$BUILD/tests/vm/components.bpf.o" $device dispatcher
	check_run 1 xdpshark capture "$point" -w "$file"
	grep -q "^xdpshark: the XDP program on $server:$device cannot be captured: another program has taken \(the place of its main function (freplace); capture that one: $point/NAME\|its place (freplace); capture what is on the device now (xdpshark list)\)$" "$HOME/stderr" ||
		fail "not refused with what to do: $(cat "$HOME/stderr")"
	yes "a program whose main function is replaced is refused with what to capture instead"
	on "$server" ip link set dev $device xdp off
	rm /sys/fs/bpf/replacing /sys/fs/bpf/replacement
else
	no "components of a program, as points" "this kernel refuses programs that replace others"
fi

command -v xdp-loader >/dev/null || { echo "SKIP: xdp-loader is missing (xdp-tools)"; exit 77; }
feature="components of libxdp's dispatcher (xdp-loader $(xdp-loader load --version | cut -d " " -f 3)), entry and exit"
# load_component NAME: beside those that are there.
load_component()
{
	on "$server" xdp-loader load -m native -n "$1" $device "$BUILD/tests/vm/components.bpf.o" >"$HOME/loader" 2>&1
}
if ! load_component first_component_of_two; then
	no "$feature" "xdp-loader cannot load a program: $(tail -n 1 "$HOME/loader")"
	exit 0
fi
capture_point "$point/first_component_of_two"
send_kinds 1
load_component second_component || fail "no second program: $(cat "$HOME/loader")"
# What sees the packet last has seen the newer dispatcher.
check_equal "points" "
/first_component_of_two first_component_of_two xdp_dispatcher
/second_component second_component xdp_dispatcher" "$(listed | sed 's/^ xdp_dispatcher None$//')"
send_kinds 1 2
capture_stop
check_equal "the first component, before and after the dispatcher was replaced" \
	"xdp at=entry|xdp at=exit action=DROP|xdp at=entry|xdp at=exit action=DROP|xdp at=entry|xdp at=exit action=PASS" "$(comments)"

capture_point "$point/second_component" --at exit -a tx
send_kinds 0 1 2 2
capture_stop
check_equal "the second component" "xdp at=exit action=TX|xdp at=exit action=TX" "$(comments)"
yes "$feature"
[ -z "$brief" ] || exit 0

# The dispatcher itself is captured, or refused with what to capture instead.
status=0
timeout 60 xdpshark capture "$point" -w "$file" -c 1 --duration 0.2 2>"$HOME/stderr" || status=$?
[ $status = 0 ] || check_equal "what is said" "xdpshark: the XDP program on $server:$device cannot be captured: another program has taken its place (freplace); capture one of its components: $point/first_component_of_two, $point/second_component" "$(cat "$HOME/stderr")"

# A component that is taken off, and put on again.
capture_point "$point/second_component"
id=$(bpftool -j prog show name second_component | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
on "$server" xdp-loader unload $device --id "$id" >"$HOME/loader" 2>&1 || fail "not unloaded: $(cat "$HOME/loader")"
wait_for 60 grep -q "none is there any more" "$HOME/errors" || fail "nothing is said: $(cat "$HOME/errors")"
load_component second_component || fail "no second program: $(cat "$HOME/loader")"
wait_for 60 grep -q "packets come again" "$HOME/errors" || fail "nothing is said: $(cat "$HOME/errors")"
send_kinds 2
capture_stop
check_equal "after it has come back" "xdp at=entry|xdp at=exit action=TX changed=bytes" "$(comments | sed 's/ prog=[^ |]*//g; s/ if=[^ |]*//g; s/ queue=[0-9]*//g; s/ cpu=[0-9]*//g; s/ netns=[^ |]*//g')"
yes "components taken off and put on again"
