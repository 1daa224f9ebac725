#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# joined.sh OBJECT: a capture of a device's programs takes those that are attached while it runs, with interfaces of
# their own, and no packet twice; what was captured already is not touched by that, whatever its place and number now.
set -eu
. "$(dirname "$0")/../trace/trace.sh"
. "$(dirname "$0")/tc.bash"
tc_world "$1"
bpftool prog load "$(dirname "$1")/other.bpf.o" /sys/fs/bpf/other
bpftool prog load "$(dirname "$1")/bare.bpf.o" /sys/fs/bpf/bare
before=$(objects)

# place ingress|egress PRIORITY PROGRAM: as a filter. displace ingress|egress PRIORITY
place()
{
	on "$server" tc filter add dev server0 "$1" prio "$2" protocol all bpf direct-action object-pinned "/sys/fs/bpf/$3"
}
displace()
{
	on "$server" tc filter del dev server0 "$1" prio "$2"
}

# wait_said NAME TEXT
wait_said()
{
	wait_for 60 grep -qE "^xdpshark: tc program on $2" "$HOME/$1.log" || fail "nothing is said, or something else: $(cat "$HOME/$1.log")"
}

# seen NAME: "PROGRAM DIRECTION NUMBER AT" of each sighting.
seen()
{
	blocks "$HOME/$1.pcapng" EPB comment data | "$here/numbers.py"
}

# check_seen NAME PROGRAM[#ID] DIRECTION FIRST...: these of its packets, count of them from each on, at entry and exit.
check_seen()
{
	local name=$1 program=$2 direction=$3 first
	shift 3
	for first in "$@"; do seq "$first" $((first + count - 1)); done | sed 's/.*/& entry\n& exit/' >"$HOME/wanted"
	sed -n "s/^$program\(#[0-9]*\)\? $direction //p" "$HOME/$name.seen" | sort -n >"$HOME/found"
	sort -n "$HOME/wanted" | diff - "$HOME/found" >"$HOME/difference" || fail "$name: $program, $direction: $(cat "$HOME/difference")"
}

place ingress 5 one
point=tc:$server:server0
trace_start joined --comments full
point=tc:$server:server0/ingress
trace_start in --comments full
device=$server:server0
send 0
place egress 5 two
wait_said joined "$device/decide#2: attached during the capture \(decide#$(program_id two), tc egress\): captured from now on"
send 2000
# Before the first one, whose number in the list it gets.
place ingress 2 other
for name in joined in; do
	wait_said $name "$device/other: attached during the capture \(other#$(program_id other), tc ingress\): captured from now on"
done
place ingress 1 bare
for name in joined in; do
	wait_said $name "$device/other#2: attached during the capture, and left out: it was loaded without BTF"
done
send 4000
displace ingress 5
for name in joined in; do
	wait_said $name "$device/decide: none is there any more: "
done
send 6000
# A second one, in the other direction, of a program that is captured already.
place ingress 5 two
wait_said in "$device/decide: now used by decide#$(program_id two) "
wait_said joined "$device/decide: now used by decide#$(program_id two) "
send 8000
trace_end in
trace_end joined
check_left "$before" "a capture"
for name in joined in; do
	seen $name >"$HOME/$name.seen"
	check_seen $name decide ingress 0 2000 4000 8000
	check_seen $name other ingress 4000 6000 8000
done
check_seen joined decide egress 3000 5000 7000 9000
check_equal "those of the other direction" "" "$(grep egress "$HOME/in.seen" || true)"
check_equal "interfaces" "decide()@fentry decide()@fentry decide()@fexit decide()@fexit other()@fentry other()@fexit" \
	"$(blocks "$HOME/joined.pcapng" IDB name | sed 's/^tc:server0://' | sort | paste -sd ' ')"
part "tc programs that are attached during a capture are captured, each packet once"

# Under traffic, from the first packet that is seen on none is missing, and none is there twice.
displace ingress 5
displace egress 5
point=tc:$server:server0
trace_start busy --comments full
echo 0 >"$HOME/sent"
to=$(device_address "$server" server0) from=$(device_address "$client" client0)
for ((number = 0;; number += count)); do
	echo $number >"$HOME/sent.new"
	mv "$HOME/sent.new" "$HOME/sent"
	[ ! -e "$HOME/enough" ] || break
	on "$client" "$here/send.py" client0 "$to" "$from" $number $count
done &
sender=$!
place ingress 5 one
wait_said busy "$device/decide: attached during the capture "
sent=$(cat "$HOME/sent")
more()
{
	[ "$(cat "$HOME/sent")" -gt $((sent + 2 * count)) ]
}
wait_for 60 more || fail "nothing is sent"
touch "$HOME/enough"
wait "$sender"
trace_end busy
seen busy >"$HOME/busy.seen"
for program in decide other; do
	for at in entry exit; do
		sed -n "s/^$program#[0-9]* ingress \([0-9]*\) $at\$/\1/p" "$HOME/busy.seen" | sort -n >"$HOME/$program.$at"
		check_equal "$program, $at" "$(seq "$(head -n 1 "$HOME/$program.$at")" "$(($(cat "$HOME/sent") - 1))")" "$(cat "$HOME/$program.$at")"
	done
	cmp "$HOME/$program.entry" "$HOME/$program.exit"
done
part "a tc program that is attached under traffic is captured from then on"

# Counted, too: by program and verdict.
displace ingress 5
displace ingress 2
displace ingress 1
place ingress 5 one
xdpshark stat "tc:$server:server0" --json --interval 1 >"$HOME/counts" 2>"$HOME/counts.log" &
counting=$!
wait_for 60 test -s "$HOME/counts" || fail "nothing is counted: $(cat "$HOME/counts.log")"
place egress 5 two
place ingress 2 bare
wait_for 60 grep -q "tc:$device/decide#2: attached since the start: counted from now on" "$HOME/counts.log" ||
	fail "nothing is said: $(cat "$HOME/counts.log")"
wait_for 60 grep -q "tc:$device/other is not counted: it was loaded without BTF" "$HOME/counts.log" ||
	fail "nothing is said: $(cat "$HOME/counts.log")"
send 0
kill -s INT "$counting"
wait "$counting" || fail "stat: $(cat "$HOME/counts.log")"
tail -n 1 "$HOME/counts" | python3 -c '
import json, sys
for point in json.load(sys.stdin)["points"]:
    packets = sum(action["packets"] for action in point["actions"].values())
    print(point["address"].split("/")[-1], "all" if packets >= int(sys.argv[1]) else packets)' $count | sort >"$HOME/found"
check_equal "what is counted" "decide all decide#2 all" "$(paste -sd ' ' "$HOME/found")"
part "tc programs that are attached while packets are counted are counted"

# newcomer WHAT WHERE PROGRAM DEVICE: it is attached there, and captured. Fails if the kernel has no such place.
newcomer()
{
	local status=0
	on "$server" "$here/attach.py" "$2" "/sys/fs/bpf/$3" "$4" || status=$?
	[ $status = 0 ] || [ $status = 77 ] || fail "$*: $status"
	[ $status = 0 ] && wait_said "$1" "$server:$4/.*: attached during the capture \([a-z]*#$(program_id "$3"), ${2/_/ }\): captured from now on"
}

what="programs of tcx and netkit that are attached during a capture are captured"
point=tc:$server:server0
trace_start tcx --comments full
if newcomer tcx tcx_ingress two server0; then
	newcomer tcx tcx_egress other server0
	send 0
	trace_end tcx
	seen tcx >"$HOME/tcx.seen"
	check_seen tcx other egress 1000
	check_seen tcx "decide#$(program_id two)" ingress 0
	if on "$server" "$here/attach.py" netkit kit0; then
		on "$server" "$here/attach.py" netkit_primary /sys/fs/bpf/other kit0
		ip -n "$server" link set kit0 up
		ip -n "$server" link set "$(ip -n "$server" -o link show type netkit | sed -n 's/^[0-9]*: \([^@:]*\).*/\1/p' | grep -v '^kit0$')" up
		point=tc:$server:kit0
		trace_start netkit --comments full
		newcomer netkit netkit_primary one kit0
		on "$server" "$here/send.py" kit0 02:00:00:00:00:01 02:00:00:00:00:02 0 $count
		trace_end netkit
		seen netkit >"$HOME/netkit.seen"
		for program in other decide; do
			check_seen netkit $program primary 0
		done
		part "$what"
	else
		no_part "$what" "needs Linux 6.7"
	fi
else
	trace_end tcx
	no_part "$what" "needs Linux 6.6"
fi
