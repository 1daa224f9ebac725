#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hook can be given by its path, as in Wireshark, by its name or by its device. If that does not identify one
# hook, none is captured, and the candidates are shown.
set -eu
. "$(dirname "$0")/steps.sh"
world_create

refused()
{
	local text=$1
	shift
	check_refusal 2 "xdpshark: $text" xdpshark capture -w "$HOME/none" "$@"
	[ ! -e "$HOME/none" ] || fail "a file after: $*"
}

how="give the path, the name or the device of a hook first, then the filter"
refused "there is no hook 'fw', and no device with one: $how (this machine has none: 'xdpshark list' says why)" fw
world_attach "$example"
display="XDP hook example_hook on server0 (netns $server) (program example)"

# captures IN WORD...: the filter is what follows the hook.
captures()
{
	local namespace=$1 filter=$2
	shift 2
	with_limit in_namespace "$namespace" "$@" || fail "not taken: $*: $(cat "$HOME/stderr")"
	check_equal "what is said by: $*" "" "$(cat "$HOME/stderr")"
	check_equal "hook and filter of: $*" "$hook"$'\t'"$filter" "$(blocks "$file" IDB description filter | sed 's/^xdp hook=\([^ ]*\)[^\t]*/\1/')"
}
in_namespace()
{
	local namespace=$1
	shift
	${namespace:+nsenter --net=/run/netns/$namespace --} timeout 60 xdpshark capture -w "$file" --duration 0.1 "$@" 2>"$HOME/stderr" </dev/null
}

for name in "$hook" "xdp:$hook" example_hook server0; do
	captures "" - "$name"
	captures "" "udp port 53" "$name" udp port 53
	captures "" "udp port 53" -i "$name" udp port 53
	captures "$server" "udp port 53" "-i$name" -f "udp port 53"
	captures "" - "--interface=$name"
	captures "" - --interface "$name"
done

# Words that are not hooks.
there="$how (there is: $hook ($display))"
refused "there is no hook 'udp', and no device with one: $there" udp port 53
refused "there is no hook 'example', and no device with one: $there" example
refused "there is no hook 'any', and no device with one: $there" -i any
refused "'kernel:' is only the beginning of a name: a place in the kernel follows, such as kernel:drops" kernel: udp port 53
refused "there is no hook '', and no device with one: $there" -i ""
refused "no XDP program with a hook is on the device 'lo': $there" lo udp
check_refusal 1 "xdpshark: /sys/fs/bpf/missing: nothing is pinned there (xdpshark list shows the hooks)" xdpshark capture -w "$HOME/none" -i /sys/fs/bpf/missing
refused "two filters given, 'tcp' with -f and 'udp': join them by 'and' or 'or'" "$hook" -f tcp udp
refused "no hook given: name the path where one is pinned, such as /sys/fs/bpf/fw, or its device ('xdpshark list' shows them)" -f tcp

# Another pin of the same map is the same hook.
mkdir /sys/fs/bpf/again
bpftool map pin pinned "$hook" /sys/fs/bpf/again/example_hook
check_run 0 xdpshark capture -w "$file" --duration 0.1 example_hook

# Two hooks of one name, on two devices.
rm /sys/fs/bpf/again/example_hook
mv "$hook" /sys/fs/bpf/again/example_hook
mv /sys/fs/bpf/example /sys/fs/bpf/again/example
bpftool prog load "$example" /sys/fs/bpf/example 2>/dev/null
on "$server" bpftool net attach xdpgeneric pinned /sys/fs/bpf/example dev server1
first="/sys/fs/bpf/again/example_hook ($display)"
second="$hook (XDP hook example_hook on server1 (netns $server) (program example))"
refused "several hooks are called 'example_hook', or belong to a device of that name: give the path of one: $first, $second" example_hook
captures "" - server1
hook=/sys/fs/bpf/again/example_hook
captures "" - server0

# A device of our own network namespace goes before others of its name.
ip -n "$client" link add server0 type veth peer name other0
on "$client" bpftool net attach xdpgeneric pinned /sys/fs/bpf/example dev server0
captures "$server" - server0
hook=/sys/fs/bpf/example_hook
captures "$client" - server0
refused "several hooks are called 'server0', or belong to a device of that name: give the path of one: $first, $hook (XDP hook example_hook on server0 (netns $client), server1 (netns $server) (program example))" server0
