#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# capture.sh OBJECT SOCKET: what is redirected to an AF_XDP socket is seen, and what one sends. Where the kernel does not
# allow programs to be traced, that is said, and a hook shows what is redirected.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
object=$1
program=$2
world_create
bpftool prog load "$object" /sys/fs/bpf/redirect 2>"$HOME/load.log" || fail "$(cat "$HOME/load.log")"
on "$server" bpftool net attach xdpdrv pinned /sys/fs/bpf/redirect dev server0
hook=/sys/fs/bpf/redirect_hook

# The socket reads what it shall do from one pipe and answers on another.
mkfifo "$HOME/orders" "$HOME/answers"
on "$server" "$program" server0 /sys/fs/bpf/sockets <"$HOME/orders" >"$HOME/answers" 2>"$HOME/socket.log" &
exec 7>"$HOME/orders" 8<"$HOME/answers"
read -r -t 60 inode process pieces <&8 || fail "no socket: $(cat "$HOME/socket.log")"

# order WORD...: prints the answer.
order()
{
	local answer
	echo "$*" >&7
	read -r -t 60 answer <&8 || fail "no answer: $(cat "$HOME/socket.log")"
	echo "$answer"
}

send()
{
	on "$client" "$tests/trace/send_kinds.py" client0 "$@"
}

# capture ARGUMENT... -- COMMAND...: what a capture writes while the command runs.
captures()
{
	local arguments=()
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	rm -f "$file"
	: >"$HOME/errors"
	xdpshark capture -v -w "$file" "${arguments[@]}" 2>"$HOME/errors" &
	capture=$!
	wait_for 60 grep -q "apturing" "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
	"$@"
	kill -s TERM "$capture"
	wait_for 20 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || fail "the capture: $(cat "$HOME/errors")"
}

comments()
{
	blocks "$file" EPB comment | sed 's/ ns=[1-9][0-9]*//' | paste -sd '|'
}

# Words may be in any order.
sorted()
{
	tr '|' '\n' | while read -r line; do
		tr ' ' '\n' <<<"$line" | sort | paste -sd ' '
	done | paste -sd '|'
}

# check_comments WHAT COMMENT|...
check_comments()
{
	check_equal "$1" "$(sorted <<<"$2")" "$(comments | sorted)"
}

one_is_received()
{
	send 3
	check_equal "what the socket gets" "3 100" "$(order receive)"
}

captures "$hook" 'ether proto 0x88b5' -- one_is_received
check_comments "redirected, at the hook" "xdp action=REDIRECT"

# The kinds 1, 2 and one that is long.
several_are_sent()
{
	check_equal "answer" sent "$(order send 1 100)"
	check_equal "answer" sent "$(order send 2 1200)"
}

check_run 1 xdpshark capture xsk:nowhere0 -w "$file"
grep -q '^xdpshark: there is no device nowhere0 ' "$HOME/stderr" || fail "$(cat "$HOME/stderr")"
point=xsk:$server:server0
xdpshark --extcap-interface "$point" --extcap-dlts | grep -q "number=1}" || fail "no link type"
xdpshark --extcap-interface "$point" --extcap-config | grep -q "{call=--snaplen}" || fail "no dialog"
status=0
with_limit xdpshark capture "$point" -c 1 --duration 0.1 -w "$file" 2>"$HOME/stderr" || status=$?
if [ $status != 0 ]; then
	grep -q "^xdpshark: what AF_XDP sockets send on $server:server0 cannot be captured: this kernel .*; capture where it arrives" \
		"$HOME/stderr" || fail "no reason: $(cat "$HOME/stderr")"
	[ -z "${TRACING_NEEDED:-}" ] || fail "$(cat "$HOME/stderr")"
	check_equal "interfaces" "" "$(xdpshark --extcap-interfaces | grep -F '{value=xsk:' || true)"
	# Who has the socket is looked for before.
	check_run 1 xdpshark capture "xdp-prog:$server:server0" -w "$file"
	grep -q "^xdpshark: the XDP program on $server:server0 cannot be captured: " "$HOME/stderr" || fail "$(cat "$HOME/stderr")"
	exit 0
fi

# By its program, whose map has sockets.
xdpshark --extcap-interfaces | grep -qF "interface {value=$point}{display=AF_XDP transmit server0@xsk on server0" ||
	fail "not among the interfaces: $(xdpshark --extcap-interfaces)"
check_equal "devices without sockets" "" "$(xdpshark --extcap-interfaces | grep -F '{value=xsk:' | grep -v "$point" || true)"

xdpshark list 2>"$HOME/stderr" | grep -q "^$point  *server0 (netns $server)  *native  *-" || fail "not listed: $(xdpshark list)"
! grep "VLAN tags.*$point" "$HOME/stderr" || fail "a note about what is received"

map=$(bpftool map show pinned /sys/fs/bpf/sockets | sed -n '1s/:.*//p')
captures "xdp-prog:$server:server0" 'ether proto 0x88b5' -- one_is_received
# Debian's 5.10 does not show where.
where="redirect=xskmap:$map:0 socket=$inode process=xsk_socket#$process"
case $(uname -r) in 5.10.*) where= ;; esac
check_comments "redirected" "xdp at=entry|xdp at=exit action=REDIRECT${where:+ $where}"

who="socket=$inode process=xsk_socket#$process"
captures "$point" -- several_are_sent
check_comments "sent" "xdp at=xsk sent=OK $who|xdp at=xsk sent=OK $who"
check_equal "lengths" "100|1200" "$(blocks "$file" EPB wire | paste -sd '|')"
check_equal "interface" "server0@xsk|xdp at=xsk if=server0" "$(blocks "$file" IDB name)|$(blocks "$file" IDB description)"
check_equal "direction" "2|2" "$(blocks "$file" EPB flags | paste -sd '|')"
captures "$point" 'ether[14] == 2 and ether[1199] == (1199 * 7 & 0xff)' -- several_are_sent
check_equal "sent and matching" "1200" "$(blocks "$file" EPB wire | paste -sd '|')"
captures "$point" 'outbound and not inbound and ether[14] == 1' -- several_are_sent
check_equal "outbound" "100" "$(blocks "$file" EPB wire | paste -sd '|')"
captures "$point" -s 60 'ether[14] == 2' -- several_are_sent
check_equal "cut" "60 1200" "$(blocks "$file" EPB captured) $(blocks "$file" EPB wire)"
# Nobody else's packets.
others_send()
{
	on "$server" "$tests/trace/send_kinds.py" server0 1
	several_are_sent
}
captures "$point" 'ether[14] == 1' -- others_send
check_equal "sent by sockets" 1 "$(blocks "$file" EPB wire | wc -l)"

if [ "$pieces" = pieces ]; then
	on "$server" bpftool net detach xdpdrv dev server0
	ip -n "$client" link set client0 mtu 9000
	ip -n "$server" link set server0 mtu 9000
	long_is_sent()
	{
		check_equal "answer" sent "$(order send 4 7000)"
	}
	captures "$point" "ether[6999] == $((6999 * 7 & 255))" -- long_is_sent
	check_comments "in pieces" "xdp at=xsk sent=OK $who"
	check_equal "bytes of it" 7000 "$(blocks "$file" EPB captured)"
fi

# No carrier.
ip -n "$client" link set client0 down
captures "$point" 'ether[14] == 1' -- several_are_sent
check_comments "dropped" "xdp at=xsk sent=DROP $who"

# The device is made anew, and has another socket.
exec 7>&- 8<&-
renewed()
{
	ip -n "$server" link del server0
	wait_for 30 grep -q 'there is no such device any more' "$HOME/errors" || fail "nothing is said: $(cat "$HOME/errors")"
	ip link add client0 netns "$client" type veth peer name server0 netns "$server"
	ip -n "$client" link set client0 up
	ip -n "$server" link set server0 up
	on "$server" "$program" server0 <"$HOME/orders" >"$HOME/answers" 2>"$HOME/socket.log" &
	exec 7>"$HOME/orders" 8<"$HOME/answers"
	read -r -t 60 inode process pieces <&8 || fail "no socket: $(cat "$HOME/socket.log")"
	wait_for 60 grep -q 'packets come again' "$HOME/errors" || fail "not followed: $(cat "$HOME/errors")"
	several_are_sent
}
captures "$point" -- renewed
who="socket=$inode process=xsk_socket#$process"
check_comments "sent from the new device" "xdp at=xsk sent=OK $who|xdp at=xsk sent=OK $who"
