# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests of this folder, after capture/steps.sh: what is dropped, and what is captured of it.

# A capture sees the whole machine, on which other tests run: it is limited to this one's namespaces.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python3=/usr/bin/python3

[ -r /sys/kernel/btf/vmlinux ] || { echo "SKIP: needs the kernel's BTF"; exit 77; }

drops_world()
{
	world_create
	to=$(device_address "$server" server0)
	from=$(device_address "$client" client0)
	ip -n "$server" addr add 10.8.0.1/24 dev server1
	ip -n "$server" neigh add 10.8.0.2 lladdr 02:00:00:00:00:09 dev server1
	on "$server" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.server0.rp_filter=1
}

# send KEY=VALUE...: from the client to the server; see send.py.
send()
{
	on "$client" "$python3" "$here/send.py" client0 to="$to" from="$from" source=10.9.0.1 target=10.9.0.2 "$@"
}

# drop WHERE PORT: netfilter drops UDP packets to that port. WHERE: namespace, a hook of netfilter.
drop()
{
	on "$1" nft "add table ip drops; add chain ip drops $2 { type filter hook $2 priority 0; }; add rule ip drops $2 udp dport $3 drop"
}

capture_is_decided()
{
	grep -sq "^capturing on\|^xdpshark: .* cannot be captured" "$HOME/errors" && return
	! process_has_ended "$capture" || fail "no capture: $(cat "$HOME/errors")"
	return 1
}

# begin NAMESPACE ARGUMENT...: a capture of what is dropped there, or passes $place, into $file.
place=drops
begin()
{
	local namespace=$1
	shift
	rm -f "$file" "$HOME/errors"
	xdpshark capture "kernel:$place" --netns "$namespace" -v -w "$file" "$@" 2>"$HOME/errors" &
	capture=$!
	wait_for 90 capture_is_decided || fail "no capture: $(cat "$HOME/errors")"
	if grep -q "cannot be captured" "$HOME/errors"; then
		echo "SKIP: $(cat "$HOME/errors")"
		exit 77
	fi
}

end()
{
	kill -s TERM "$capture"
	wait_for 60 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
}

# held: the BPF programs and links of the capture. Others capture at the same time, with programs of the same names.
held()
{
	local hookd
	hookd=$(pgrep -P "$capture" -x xdpshark-hookd) || fail "no xdpshark-hookd"
	cat "/proc/$hookd/fdinfo"/* 2>/dev/null | sed -n 's/^prog_id:[[:space:]]*/program /p; s/^link_id:[[:space:]]*/link /p' | sort -u
}

# kill_capture: both processes, at once.
kill_capture()
{
	local hookd
	hookd=$(pgrep -P "$capture" -x xdpshark-hookd) || fail "no xdpshark-hookd"
	kill -s KILL "$capture" "$hookd"
	wait "$capture" 2>/dev/null || true
}

# left HELD: what of these is still in the kernel.
left()
{
	{
		bpftool prog show | sed -n 's/^\([0-9]*\): .*/program \1/p'
		bpftool link show | sed -n 's/^\([0-9]*\): .*/link \1/p'
	} | sort | comm -12 - <(echo "$1")
}

is_gone()
{
	[ -z "$(left "$1")" ]
}

# queue_is_full NAMESPACE DEVICE: packets were dropped there.
queue_is_full()
{
	tc -n "$1" -s qdisc show dev "$2" | grep -q 'dropped [1-9]'
}

# Whether this kernel tells a process's work from that of an interrupt: where not, --process is refused.
tells_context()
{
	local answer
	answer=$(xdpshark capture kernel:drops --process nobody --duration 0.1 -w "$HOME/nothing" 2>&1) && return
	grep -q "^xdpshark: --process: this kernel does not describe how to tell" <<<"$answer" || fail "$answer"
	echo "(this kernel does not tell a process's work from that of an interrupt)"
	return 1
}

# comments [FILTER]: of the packets, without what differs from run to run.
comments()
{
	tshark -r "$file" ${1:+-Y "$1"} -T fields -e frame.comment 2>/dev/null | common
}

common()
{
	sed 's/ cpu=[0-9]*//; s/ hash=0x[0-9a-f]*//; s/ pid=[0-9]*//; s/+0x[0-9a-f]*//; s/ queue=[0-9]*//'
}

# knows REASON: whether this kernel has a reason of that name.
knows()
{
	[ -e "$HOME/reasons" ] || bpftool btf dump file /sys/kernel/btf/vmlinux | grep -o "SKB_DROP_REASON_[A-Z0-9_]*" >"$HOME/reasons" || true
	grep -qx "SKB_DROP_REASON_$1" "$HOME/reasons"
}

# check_drops WHAT KEY DEVICE REASON...: of the packets with that key (udp:53), the reason is one of these, and the device
# (not asked if ""). Earlier kernels gave none (NOT_SPECIFIED) in more and more places. Prints a line "cause: WHAT: REASON".
check_drops()
{
	local what=$1 key=$2 device=$3 reason found
	shift 3
	[ "$HOME/found" -nt "$file" ] || tshark -r "$file" -T fields -E separator=, -e udp.dstport -e tcp.dstport -e frame.comment 2>/dev/null |
		sed 's/^\([0-9][0-9]*\),,/udp:\1 /; s/^,\([0-9][0-9]*\),/tcp:\1 /' | common >"$HOME/found"
	found=$(sed -n "s/^$key //p" "$HOME/found" | sort -u)
	[ -n "$found" ] || fail "$what: not captured: $(cat "$HOME/found")"
	[ -z "$device" ] || ! grep -v " if=$device " <<<"$found " || fail "$what: not of $device: $found"
	if ! knows NOT_SPECIFIED; then
		! grep reason= <<<"$found" || fail "$what: a reason, where there are none: $found"
		echo "cause: $what: none"
		return
	fi
	for reason in "$@" NOT_SPECIFIED; do
		if knows "$reason" && grep -q "^skb at=drops reason=$reason " <<<"$found"; then
			echo "cause: $what: $reason"
			# From that kernel on they are as docs/kernel.md has them.
			[ "$reason" != NOT_SPECIFIED ] || [ "$1" = NOT_SPECIFIED ] || printf '%s\n' "$(uname -r)" 6.18 | sort -CV ||
				fail "$what: no reason: $found"
			return
		fi
	done
	fail "$what: none of $*: $found"
}
