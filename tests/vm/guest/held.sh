#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs in devmaps and cpumaps are points: they are listed by map and key, and captured with the packets that
# another program has redirected to them.
set -eu
. "$(dirname "$0")/proof.sh"
world_create
on "$server" "$BUILD/tests/vm/hold" "$BUILD/tests/vm/held.bpf.o" server0 server1
python=/usr/bin/python3

check_equal "points" "xdp-prog:cpumap/held_cpus/1 on_another_cpu
xdp-prog:devmap/hashed_ports/4000000000 on_the_way_out
xdp-prog:devmap/held_ports/1 on_the_way_out" "$(xdpshark list --json | "$python" -c '
import json, sys
for p in json.load(sys.stdin):
    if p["interface"] and "map/" in p["interface"]: print(p["interface"], p["name"])' | sort)"
xdpshark --extcap-interfaces | grep -qF "{value=xdp-prog:devmap/held_ports/1}{display=XDP program on_the_way_out in devmap/held_ports/1}" ||
	fail "not among the interfaces: $(xdpshark --extcap-interfaces)"

# captured POINT KIND COUNT EXPECTED: a packet of that kind is seen by the point.
captured()
{
	rm -f "$file"
	capture_launch "$1" -v -w "$file" 'ether proto 0x88b5'
	wait_for 60 grep -q apturing "$HOME/errors" || fail "no capture of $1: $(cat "$HOME/errors")"
	on "$client" "$tests/trace/send_kinds.py" client0 "$2" 0
	# By then the program has run, on whatever CPU.
	wait_for 30 has_run "$3"
	kill -s TERM "$capture"
	wait_for 30 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
	check_equal "$1" "$4" "$(blocks "$file" EPB comment | sed 's/ ns=[1-9][0-9]*//; s/ prog=[^ ]*//; s/ netns=[^ ]*//; s/ cpu=[0-9]*//; s/ queue=[0-9]*//; s/ if=[^ ]*//' | paste -sd '|')"
}

has_run()
{
	[ -s "$file" ] && [ "$(blocks "$file" EPB time 2>/dev/null | wc -l)" -ge "$1" ]
}

captured xdp-prog:devmap/held_ports/1 5 2 "xdp at=entry|xdp at=exit action=PASS changed=bytes"
yes "programs in devmaps, entry and exit"
captured xdp-prog:devmap/hashed_ports/4000000000 7 2 "xdp at=entry|xdp at=exit action=PASS changed=bytes"
yes "programs in devmaps with hashed keys, entry and exit"
captured xdp-prog:cpumap/held_cpus/1 6 2 "xdp at=entry|xdp at=exit action=DROP"
yes "programs in cpumaps, entry and exit"
[ -z "${XDPSHARK_BRIEF:-}" ] || exit 0

# A program with a hook: the cheaper point is named, and meant by the device alone.
on "$server" ip link set dev server0 xdp off
world_attach "$example"
xdpshark --extcap-interfaces | grep -qF "{value=xdp-prog:$server:server0}{display=XDP program example on server0 (netns $server) (has a hook, which costs less: $hook)}" ||
	fail "the hook is not named: $(xdpshark --extcap-interfaces)"
check_run 0 xdpshark capture "xdp-prog:$server:server0" -c 1 --duration 0.1 -w "$file"
grep -qxF "xdpshark: XDP program on $server:server0: it has a hook, which costs less: $hook" "$HOME/stderr" ||
	fail "the capture does not name the hook: $(cat "$HOME/stderr")"
check_run 0 xdpshark capture server0 -c 1 --duration 0.1 -w "$file"
check_equal "what the device means" $hook "$(described_hook)"

check_run 1 xdpshark capture xdp-prog:devmap/held_ports/2 -w "$file"
check_equal "a key without a program" "xdpshark: no XDP program is in a map at devmap/held_ports/2 (xdpshark list shows those that are)" "$(cat "$HOME/stderr")"
