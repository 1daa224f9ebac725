# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the demo and by tests, inside tests/sandbox: two hosts in network namespaces, connected
# by a veth pair, and the example program attached to the device of one of them.
#
#	client 10.9.0.1, device client0 --- server0, 10.9.0.2 server
#
# The example program is attached to server0 and redirects to server1, whose other end is sink0 in
# the namespace sink.

# The distribution's own programs, not wrappers of programming languages.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

world=xdpshark$$
client=$world-client
server=$world-server
sink=$world-sink

on()
{
	local namespace=$1
	shift
	nsenter --net="/run/netns/$namespace" -- "$@"
}

# /sys does not belong to the namespace, so these ask ip.
device_address()
{
	ip -n "$1" -o link show "$2" | sed 's,.*link/ether \([^ ]*\).*,\1,'
}

device_index()
{
	ip -n "$1" -o link show "$2" | cut -d: -f1
}

# Also ends what the script still runs in the background.
world_remove()
{
	local namespace job
	for job in $(jobs -p); do
		kill -s KILL "$job" 2>/dev/null || true
	done
	for namespace in "$client" "$server" "$sink"; do
		ip netns del "$namespace" 2>/dev/null || true
	done
}

# world_create [MTU]
world_create()
{
	local mtu=${1:-1500} namespace
	trap world_remove EXIT
	for namespace in "$client" "$server" "$sink"; do
		ip netns add "$namespace"
		on "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
		ip -n "$namespace" link set lo up
	done
	ip link add client0 netns "$client" mtu "$mtu" type veth peer name server0 netns "$server" mtu "$mtu"
	ip link add server1 netns "$server" mtu "$mtu" type veth peer name sink0 netns "$sink" mtu "$mtu"
	ip -n "$client" addr add 10.9.0.1/24 dev client0
	ip -n "$server" addr add 10.9.0.2/24 dev server0
	ip -n "$client" link set client0 up
	ip -n "$server" link set server0 up
	ip -n "$server" link set server1 up
	ip -n "$sink" link set sink0 up
	# Otherwise they would not receive what the example program transmits and redirects.
	bpftool prog load "$BUILD/tests/programs/pass.bpf.o" /sys/fs/bpf/pass 2>/dev/null ||
		bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/pass
	on "$client" bpftool net attach xdp pinned /sys/fs/bpf/pass dev client0
	on "$sink" bpftool net attach xdp pinned /sys/fs/bpf/pass dev sink0
	# Neighbours are set up in advance, so that only what a test sends is on the wire.
	ip -n "$client" neigh add 10.9.0.2 lladdr "$(device_address "$server" server0)" dev client0
	ip -n "$server" neigh add 10.9.0.1 lladdr "$(device_address "$client" client0)" dev server0
}

# world_attach OBJECT [MODE]: loads the example program, attaches it to server0 and points its devmap at server1.
# MODE: xdp (native if the device can, the default), xdpdrv, xdpgeneric.
world_attach()
{
	bpftool prog load "$1" /sys/fs/bpf/example 2>/dev/null || bpftool prog load "$1" /sys/fs/bpf/example
	on "$server" bpftool net attach "${2:-xdp}" pinned /sys/fs/bpf/example dev server0
	world_point_devmap /sys/fs/bpf/example
}

# world_point_devmap PROGRAM: points its devmap at server1. The device is looked up in the caller's
# namespace.
world_point_devmap()
{
	local ifindex map
	ifindex=$(device_index "$server" server1)
	for map in $(bpftool -j prog show pinned "$1" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
		bpftool map show id "$map" | grep -q devmap || continue
		on "$server" bpftool map update id "$map" key 0 0 0 0 value $((ifindex & 255)) $((ifindex >> 8)) 0 0
	done
}

# world_send PORT COUNT [TEXT]: that many UDP packets from the client to the server's port.
world_send()
{
	local text=${3:-hello}
	# A socket per packet: an ICMP error for one would make the next one fail.
	on "$client" bash -c 'for ((i = 0; i < $2; i++)); do printf "$3 $i" >/dev/udp/10.9.0.2/$1; done' \
		send "$1" "$2" "$text"
}

# Time limits are for an idle machine, as those of ctest (patience.cmake): they end what would never end, and measure nothing.
patience=$((4 + 2 * $(cut -d . -f 1 /proc/loadavg) / $(nproc)))

# wait_for SECONDS COMMAND...: waits until it succeeds; fails when the time is over.
wait_for()
{
	local deadline=$((SECONDS + $1 * patience))
	shift
	until "$@"; do
		[ $SECONDS -lt $deadline ] || { echo "waited in vain for: $*" >&2; return 1; }
		read -r -t 0.05 <> <(:) || true
	done
}

# The slots of a hook that hold a program, as numbers.
slots_taken()
{
	xdpshark list --json | python3 -c '
import json, sys
print(*[i for h in json.load(sys.stdin) if h["path"] == sys.argv[1]
        for i, s in enumerate(h["slots"]) if s["program"]])' "$1"
}

# is_capturing [HOOK [SLOTS]]: succeeds if exactly these slots hold a program; by default all five.
is_capturing()
{
	[ "$(slots_taken "${1:-/sys/fs/bpf/example_hook}")" = "${2:-0 1 2 3 4}" ]
}

is_not_capturing()
{
	[ -z "$(slots_taken "${1:-/sys/fs/bpf/example_hook}")" ]
}

# member_create: xdpshark in $bin as Debian installs dumpcap, for the members of a group, and a folder $own of user 65534;
# member COMMAND... runs something as that user, in the group.
member_create()
{
	group=23456
	bin=$HOME/bin
	own=$HOME/own
	command -v setcap >/dev/null || { echo "SKIP: needs setcap (libcap2-bin)"; exit 77; }
	chmod 711 "$(dirname "$HOME")" "$HOME"
	mkdir "$bin" "$own"
	chown 65534 "$own"
	cp "$(command -v xdpshark)" "$bin"
	"$BUILD/extcap/install/xdpshark-permit" -a "" -g $group -f "$BUILD/extcap/xdpshark-hookd" -d "$bin/xdpshark-hookd"
}

member()
{
	setpriv --reuid 65534 --regid 65534 --groups $group "$@"
}
