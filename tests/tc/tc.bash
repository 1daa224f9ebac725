# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by the scripts here: the world with the program of decide.bpf.c, and packets for it.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
count=48

# tc_world OBJECT: the program is pinned twice, as `one` and `two`; what is redirected goes to server1.
tc_world()
{
	local name index map
	command -v tc >/dev/null || { echo "SKIP: needs tc (iproute2)"; exit 77; }
	world_create
	index=$(device_index "$server" server1)
	for name in one two; do
		bpftool prog load "$1" /sys/fs/bpf/$name
		map=$(map_id $name target)
		bpftool map update id "$map" key 0 0 0 0 value $((index & 255)) $((index >> 8)) 0 0
	done
	tc -n "$server" qdisc add dev server0 clsact
}

program_id()
{
	bpftool -j prog show pinned "/sys/fs/bpf/$1" | grep -o '"id":[0-9]*' | head -n 1 | cut -d : -f 2
}

# map_id PROGRAM NAME
map_id()
{
	bpftool -j prog show pinned "/sys/fs/bpf/$1" | python3 -c '
import json, subprocess, sys
for number in json.load(sys.stdin)["map_ids"]:
    if json.loads(subprocess.check_output(["bpftool", "-j", "map", "show", "id", str(number)]))["name"] == sys.argv[1]:
        print(number)' "$2"
}

# filter ingress|egress PROGRAM [replace]
filter()
{
	on "$server" tc filter "${3:-add}" dev server0 "$1" handle 1 prio 1 protocol all bpf direct-action object-pinned "/sys/fs/bpf/$2"
}

# Numbers from $1 on come in at server0, and as many, 1000 higher, go out.
send()
{
	on "$client" "$here/send.py" client0 "$(device_address "$server" server0)" "$(device_address "$client" client0)" "$1" $count
	on "$server" "$here/send.py" server0 "$(device_address "$client" client0)" "$(device_address "$server" server0)" $(($1 + 1000)) $count
}

# verdicts PROGRAM FIRST: what it has decided about the numbers from there on, in and out.
verdicts()
{
	bpftool -j map dump id "$(map_id "$1" verdicts)" | python3 -c '
import json, sys
first, count = int(sys.argv[1]), int(sys.argv[2])
values = [int.from_bytes(bytes(int(byte, 16) for byte in entry["value"]), "little") for entry in json.load(sys.stdin)]
print(*(value - 100 if value else "none" for begin in (first, first + 1000) for value in values[begin:begin + count]))' "$2" $count
}

# check_packets NAME FIRST DIRECTION...: these are in $HOME/NAME.pcapng.
check_packets()
{
	local name=$1 first=$2 direction target=
	shift 2
	blocks "$HOME/$name.pcapng" EPB packetid comment data >"$HOME/$name.packets"
	! grep -q ' redirect=' "$HOME/$name.packets" || target=if:#$(device_index "$server" server1)
	for direction in "$@"; do
		[ "$direction" != egress ] || first=$((first + 1000))
		"$here/check.py" "$first" $count "$direction" decide $target <"$HOME/$name.packets" || fail "$name: not what went through $direction"
	done
}
