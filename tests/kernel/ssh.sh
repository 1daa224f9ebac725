#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ssh.sh: a capture of what the kernel drops, over an ssh connection some of whose packets are dropped: none of them is
# captured, on neither end, for each would bring others. With --keep-ssh they are.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/../capture/sshd.sh"
. "$(dirname "$0")/drops.bash"
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
sshd_prepare
drops_world
# Both captures are of the whole machine, where other tests send to the usual ports of these addresses.
port=4122
sshd_start "$server" "$port" 10.9.0.2
for side in "$server dport" "$client sport"; do
	read -r namespace direction <<<"$side"
	on "$namespace" nft "add table ip drops; add chain ip drops input { type filter hook input priority 0; }; add rule ip drops input tcp $direction $port numgen inc mod 6 == 0 counter drop"
done

# lost: packets of ssh that netfilter has dropped so far, on both sides.
lost()
{
	{ on "$server" nft list ruleset; on "$client" nft list ruleset; } | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' | awk "{ sum += \$1 } END { print sum + 0 }"
}

# over_ssh ARGUMENT...: a capture in the file until packets of ssh have been lost, while others are dropped.
over_ssh()
{
	local before
	launch "$client" "$HOME/over-ssh" ssh -p "$port" -i "$HOME/user-key" -o BatchMode=yes root@10.9.0.2 xdpshark capture kernel:drops -v -w - "$@" 2>"$HOME/errors"
	wait_for 30 grep -sq "^capturing on\|cannot be captured" "$HOME/errors" || fail "no capture: $(cat "$HOME/errors" "$HOME/sshd-log")"
	if grep -q "cannot be captured" "$HOME/errors"; then
		echo "SKIP: $(cat "$HOME/errors")"
		exit 77
	fi
	before=$(lost)
	wait_for 60 has_arrived 100 "$before" || fail "the packets do not arrive, or none of ssh was dropped: $(cat "$HOME/errors")"
	kill "$launched"
	wait "$launched" || true
}

of_ssh()
{
	tshark -r "$HOME/over-ssh" -Y "tcp.port == $port && ip.addr == 10.9.0.2" 2>/dev/null | wc -l
}

# has_arrived COUNT LOST: so many packets, and more of ssh have been lost than those before. Others' may use up what a second
# may have, so that ours are sent again.
has_arrived()
{
	send port="$port" count=40 size=1000
	[ "$(lost)" -gt $(($2 + 4)) ] && [ "$(tshark -r "$HOME/over-ssh" -Y "udp.dstport == $port && ip.dst == 10.9.0.2" 2>/dev/null | wc -l)" -ge "$1" ]
}

over_ssh
grep -q 'the ssh connection that this runs in is left out' "$HOME/errors" || fail "not said: $(cat "$HOME/errors")"
check_equal "packets of its own connection" 0 "$(of_ssh)"
over_ssh --keep-ssh
[ "$(of_ssh)" -gt 0 ] || fail "--keep-ssh shows none of its own connection"
