#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While a capture runs, the list shows which slots it has taken. Programs without a hook are listed before the
# hooks.
set -eu
. "$(dirname "$0")/steps.sh"
world_create

# hookless COMMAND...: devices, mode, program, BTF, fragments and hook of the programs on devices, without ids and times.
hookless()
{
	"$@" 2>/dev/null | grep '^xdp-prog:' | sed 's/   */|/g' |
		awk -F '|' '{ sub(/#.*/, "", $4); print $1, $2, $3, $4, $7, $8, $9 }' | sort
}

frags=no
! grep -q bpf_xdp_get_buff_len /proc/kallsyms || frags=yes
pass="xdp-prog:$client:client0 client0 (netns $client) native pass yes $frags -
xdp-prog:$sink:sink0 sink0 (netns $sink) native pass yes $frags -"
check_equal "programs without a hook, before there is one" "$pass" "$(hookless xdpshark list)"
check_run 0 xdpshark list
check_equal "what is said then" "No hooks: no XDP program that is loaded has a hook pinned in a bpffs (README.md tells how to give it one)." \
	"$(cat "$HOME/stderr")"
# A namespace that has no name.
unshare --net sleep 1000 &
nameless=$!
inode_of()
{
	stat -L -c %i "/proc/$1/ns/net" 2>/dev/null
}
is_apart()
{
	[ "$(inode_of $nameless)" != "$(inode_of $$)" ]
}
wait_for 10 is_apart
nsenter --target $nameless --net -- ip link add nameless0 type veth peer name nameless1
nsenter --target $nameless --net -- bpftool net attach xdp pinned /sys/fs/bpf/pass dev nameless0
check_equal "programs without a hook, but nameless namespaces'" "$pass" "$(hookless xdpshark list)"
xdpshark list --all | grep -q "^-  .*nameless0 (netns $(inode_of $nameless))" || fail "--all leaves one out: $(xdpshark list --all)"

world_attach "$example"
check_equal "programs beside a hook" "xdp-prog:$client:client0 client0 (netns $client) native pass yes $frags -
xdp-prog:$server:server0 server0 (netns $server) native example yes no $hook
xdp-prog:$sink:sink0 sink0 (netns $sink) native pass yes $frags -" "$(hookless xdpshark list)"
check_equal "hooks are after them" "$hook" "$(xdpshark list | tail -n 1 | cut -d ' ' -f 1)"
# In JSON hooks are first; nameless namespaces are left out unless all is asked for.
check_equal "JSON" "['$hook', None, None, None]" "$(xdpshark list --json | python3 -c 'import json, sys; print([h["path"] for h in json.load(sys.stdin)])')"
check_equal "all in JSON" "$hook example server0 5
None example server0 0
None pass client0 0
None pass nameless0 0
None pass sink0 0" "$(xdpshark list --json --all | python3 -c '
import json, sys
for hook in json.load(sys.stdin):
    # Others on the machine have devices, too.
    for device in hook["devices"]:
        if device["netns"] in sys.argv[1:4] or device["netns_inode"] == int(sys.argv[4]):
            assert (hook["interface"] is None) == (hook["name"] is None) == (hook["source"] is None), hook
            assert (hook["map_id"] is None) == (hook["path"] is None), hook
            assert hook["interface"] or "ip netns attach" in hook["refusal"], hook
            print(hook["path"], hook["programs"][0]["name"], device["name"], len(hook["slots"]))' \
	"$client" "$server" "$sink" "$(inode_of $nameless)" | sort)"

column()
{
	xdpshark list | tail -n 1 | sed 's/.* \([0-9] of 5\)/\1/'
}

check_equal "list before" "0 of 5" "$(column)"
capture_launch "$hook" -w "$file" -a drop,redirect
capture_wait "1 4"
column | grep -qx '2 of 5: DROP xdpshark_drop#[0-9]*, REDIRECT xdpshark_redir#[0-9]*' || fail "list: $(column)"
check_equal "list --json" \
	'ABORTED None,DROP xdpshark_drop,PASS None,TX None,REDIRECT xdpshark_redir' \
	"$(xdpshark list --json | python3 -c '
import json, sys
print(",".join(s["action"] + " " + str(s["program"] and s["program"]["name"]) for s in json.load(sys.stdin)[0]["slots"]))')"
# The capture's programs are not among the users of the hook, since they only use other maps.
check_equal "programs" example "$(xdpshark list --json | python3 -c '
import json, sys
print(*[p["name"] for p in json.load(sys.stdin)[0]["programs"]])')"
capture_end
check_equal "list after" "0 of 5" "$(column)"
