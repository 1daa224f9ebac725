#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The device of a packet is named if its name is certain, and left out otherwise: one program on devices of the
# same index and name in several namespaces, a pod that is restarted, an index that another device takes at
# once. From Linux 6.2 on, the kernel itself names the device of each packet.
set -eu
. "$(dirname "$0")/steps.sh"
world_create

names_devices()
{
	local major minor
	IFS=.- read -r major minor _ < <(uname -r)
	[ -f /sys/kernel/btf/vmlinux ] && [ $((major * 1000 + minor)) -ge 6002 ]
}

# pod_add POD NUMBER [NAME]: a namespace with a device NAME of index 9 at 10.9.NUMBER.2, whose other end podNUMBER is the
# client's.
pod_add()
{
	local pod=$world-$1 name=${3:-eth0}
	ip netns add "$pod"
	on "$pod" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip link add "pod$2" netns "$client" type veth peer name "$name" netns "$pod" index 9
	pod_attach "$1" "$2" "$name"
}

# pod_attach POD NUMBER NAME
pod_attach()
{
	local pod=$world-$1
	on "$client" sysctl -qw "net.ipv6.conf.pod$2.disable_ipv6=1"
	ip -n "$pod" addr add "10.9.$2.2/24" dev "$3"
	ip -n "$pod" link set "$3" up
	ip -n "$client" addr add "10.9.$2.1/24" dev "pod$2"
	ip -n "$client" link set "pod$2" up
	ip -n "$client" neigh replace "10.9.$2.2" lladdr "$(device_address "$pod" "$3")" dev "pod$2"
	on "$pod" bpftool net attach xdp pinned /sys/fs/bpf/example dev "$3"
}

pod_send()
{
	on "$client" "$tests/capture/send.py" --address "10.9.$1.2" --count 1 1001 >/dev/null
}

pods_remove()
{
	local pod
	for pod in a b c d; do
		ip netns del "$world-$pod" 2>/dev/null || true
	done
	world_remove
}
trap pods_remove EXIT

# devices: prints them as the comments name them, a word for each packet.
devices()
{
	tshark -r "$file" -T fields -E separator=, -e xdp.interface -e xdp.netns 2>/dev/null | sed "s/$world-//" | paste -sd ' '
}

has_packets()
{
	[ -s "$file" ] && [ "$(packets)" -ge "$1" ]
}

bpftool prog load "$example" /sys/fs/bpf/example
for pod in "a 1" "b 2" "c 3"; do
	# shellcheck disable=SC2086
	pod_add $pod
done
capture_launch "$hook" -w "$file" -a drop --comments full
capture_wait 1
for number in 1 2 3 1 3; do
	pod_send $number
done
wait_for 20 has_packets 5
if names_devices; then
	expected="eth0,a eth0,b eth0,c eth0,a eth0,c"
else
	expected="eth0, eth0, eth0, eth0, eth0,"
fi
check_equal "devices of the same name" "$expected" "$(devices)"

# A pod is restarted; the first packets come immediately.
ip -n "$world-b" link del eth0 # which the end of the namespace does some time later
ip netns del "$world-b"
pod_add d 2
pod_send 2
pod_send 2
wait_for 20 has_packets 7
# The name of its namespace is unknown until the next look.
[[ $(devices) =~ ^"$expected"( eth0,d?){2}$ ]] || fail "after a pod was started again: $(devices)"
says_d()
{
	pod_send 2
	[[ $(devices) == *" eth0,d" ]]
}
! names_devices || wait_for 20 says_d || fail "the new pod is never named: $(devices)"

# Another device takes the index of one that has just gone.
before=$(packets)
ip -n "$world-d" link del eth0
ip link add pod2 netns "$client" type veth peer name wan0 netns "$world-d" index 9
pod_attach d 2 wan0
pod_send 2
wait_for 20 has_packets $((before + 1))
last=$(devices | sed 's/.* //')
if names_devices; then
	case $last in
	wan0,d | wan0,) ;;
	*) fail "after another device took the index: $last" ;;
	esac
fi
is_renamed()
{
	pod_send 2
	case $(devices | sed 's/.* //') in
	wan0,d | wan0, | ,) return 0 ;; # on older kernels an index may be that of several names
	esac
	return 1
}
wait_for 30 is_renamed || fail "the index keeps the name of a device that has gone: $(devices)"
kill "$capture"
wait "$capture" || fail "the capture failed: $(cat "$HOME/errors")"
grep -v "^xdpshark: hook $hook: now used by .* (before: .*): the capture goes on$" "$HOME/errors" && fail "words of another kind"
! grep -aqE ' if=[0-9]+ ' "$file" || fail "a number stands in place of a name"
check_sums
