#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# members.sh: a member of the capture group sees what the kernel drops in the own network namespace, as with dumpcap, with
# the names of functions, and no address of the kernel; nothing of other namespaces, be they asked for or not.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
drops_world
member_create
file=$own/capture.pcapng

# begin_as_member ARGUMENT...: in the server's namespace.
begin_as_member()
{
	rm -f "$file" "$HOME/errors"
	nsenter --net="/run/netns/$server" -- setpriv --reuid 65534 --regid 65534 --groups $group \
		"$bin/xdpshark" capture kernel:drops -v -w "$file" "$@" 2>"$HOME/errors" &
	capture=$!
	wait_for 30 grep -sq "^capturing on\|^xdpshark: " "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
}

begin_as_member
if grep -q "^xdpshark: kernel:drops cannot be captured" "$HOME/errors"; then
	echo "SKIP: $(cat "$HOME/errors")"
	exit 77
fi
send port=1
on "$client" bash -c 'echo hello >/dev/udp/127.0.0.1/2'
end
check_equal "what a member sees" 1 "$(tshark -r "$file" -T fields -e udp.dstport 2>/dev/null | sort -u | paste -sd ' ')"
grep -q 'received 1,' "$HOME/errors" || fail "packets of other namespaces are counted: $(tail -n 1 "$HOME/errors")"
if knows NO_SOCKET; then
	tshark -r "$file" -T fields -e frame.comment 2>/dev/null | grep -q ' function=[a-z_0-9]*+0x' || fail "no function: $(comments)"
fi
! tshark -r "$file" -T fields -e frame.comment 2>/dev/null | grep -i ffffffff || fail "an address of the kernel"

begin_as_member --netns "$server"
send port=1
end
check_equal "the own one by its name" 1 "$(tshark -r "$file" -T fields -e udp.dstport 2>/dev/null | sort -u | paste -sd ' ')"

begin_as_member --netns "$client"
wait "$capture" && fail "another namespace is not refused"
check_equal "another namespace" "xdpshark: --netns: what the kernel drops in another network namespace ('$client') only root may see" \
	"$(cat "$HOME/errors")"
