#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture over ssh leaves out the connection that it runs in, and says so: with README's recipe, over IPv4 and
# IPv6, also under sudo and doas. Anything else in the environment is ignored, and so are Wireshark's own captures.
set -eu
. "$(dirname "$0")/steps.sh"
. "$(dirname "$0")/sshd.sh"
sshd_prepare
example_create
for namespace in "$client" "$server"; do
	on "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=0
done
ip -n "$client" addr add fd09::1/64 dev client0 nodad
ip -n "$server" addr add fd09::2/64 dev server0 nodad
sshd_start "$server" 22 10.9.0.2 fd09::2

tcp_packets()
{
	tshark -r "$HOME/over-ssh" -Y tcp 2>/dev/null | wc -l
}

launch_ssh()
{
	local server=$1
	shift
	launch "$client" "$HOME/over-ssh" ssh -i "$HOME/user-key" -o BatchMode=yes "root@$server" "$@" 2>"$HOME/errors"
}

# over_ssh SERVER COMMAND...: as anyone types it, in the background; $launched is its pid.
over_ssh()
{
	local server=$1
	shift
	launch_ssh "$server" "$@"
	wait_for 20 is_capturing || fail "no capture over ssh: $(cat "$HOME/errors" "$HOME/sshd-log")"
}

ssh_ends()
{
	wait_for 20 process_has_ended "$launched" || fail "the capture over ssh does not end"
	wait "$launched" || fail "the capture over ssh: $(cat "$HOME/errors")"
}

# The address of the client in the line that says what is left out, and the whole of it in the file.
check_left_out()
{
	local client=$1 server=$2 filter=$3 port plain
	port=$(sed -n "s/^xdpshark: the ssh connection that this runs in is left out ($client port \([0-9]*\) to $server port 22): --keep-ssh captures it too\$/\1/p" "$HOME/errors")
	[ -n "$port" ] || fail "what is said: $(cat "$HOME/errors")"
	plain="host $client and host $server and tcp port $port and tcp port 22"
	plain="($plain) or (vlan and $plain)"
	[ -z "$filter" ] && plain="not ($plain)" || plain="($filter) and not ($plain)"
	check_equal "filter in the file" "$plain" "$(blocks "$HOME/over-ssh" IDB filter)"
}

# Each packet that is written over the connection would bring others.
for addresses in "10.9.0.1 10.9.0.2" "fd09::1 fd09::2"; do
	read -r from to <<<"$addresses"
	for filter in "" "udp or tcp" "greater 1"; do
		over_ssh "$to" xdpshark capture $hook -w - -c 30 "$filter"
		send --count 30 1001 1002 >/dev/null
		ssh_ends
		check_left_out "$from" "$to" "$filter"
		check_equal "packets of ssh over $to with '$filter'" 0 "$(tcp_packets)"
	done
done

# Other connections to sshd are captured: that one only is left out.
over_ssh 10.9.0.2 xdpshark capture $hook -w - -c 1 "'tcp[13] & 2 != 0'" # SYN
on "$client" bash -c 'exec 3<>/dev/tcp/10.9.0.2/22'
ssh_ends
check_equal "packets of other connections" 1 "$(tcp_packets)"

# README's recipe, and a capture of everything.
over_ssh 10.9.0.2 xdpshark capture $hook -w - -c 5 not port 22
send --count 5 1001 >/dev/null
ssh_ends
check_left_out 10.9.0.1 10.9.0.2 "not port 22"
launch_ssh 10.9.0.2 xdpshark capture $hook --keep-ssh -w - -c 30 tcp
ssh_ends
check_equal "packets of ssh with --keep-ssh" 30 "$(tcp_packets)"
check_equal "filter with --keep-ssh" tcp "$(blocks "$HOME/over-ssh" IDB filter)"
check_equal "what is said with --keep-ssh" "" "$(cat "$HOME/errors")"

# sudo and doas remove the variable from the environment.
mkdir "$HOME/etc"
echo "permit nopass root" >"$HOME/etc/doas.conf"
mount -t overlay overlay -o "lowerdir=$HOME/etc:/etc" /etc
tried=
for caller in sudo doas; do
	command -v $caller >/dev/null && $caller -n true 2>/dev/null || continue
	over_ssh 10.9.0.2 $caller -n xdpshark capture $hook -w - -c 30
	send --count 30 1001 1002 >/dev/null
	ssh_ends
	check_left_out 10.9.0.1 10.9.0.2 ""
	check_equal "packets of ssh behind $caller" 0 "$(tcp_packets)"
	tried="$tried $caller"
done
echo "tried behind:$tried"

# Values that are not connections are ignored.
for value in "" "garbage" "10.9.0.1 1 10.9.0.2 22) or (udp" "10.9.0.1 1 fd09::2 22" "UNKNOWN 65535 UNKNOWN 65535"; do
	SSH_CONNECTION=$value check_run 0 xdpshark capture "$hook" -w "$file" --duration 0.1 udp
	check_equal "what is said with SSH_CONNECTION=$value" "" "$(cat "$HOME/stderr")"
	check_equal "filter with SSH_CONNECTION=$value" "udp" "$(blocks "$file" IDB filter)"
done

# In JSON for programs; errors in the filter show what was typed.
SSH_CONNECTION="10.9.0.1 5000 10.9.0.2 22" check_run 0 xdpshark capture "$hook" -w "$file" --duration 0.1 --json
grep -q '^{"message":"the ssh connection that this runs in is left out (10.9.0.1 port 5000 to 10.9.0.2 port 22): ' "$HOME/stderr" ||
	fail "JSON: $(cat "$HOME/stderr")"
for wrong in "udp prot 53" "udp) or (tcp"; do
	SSH_CONNECTION="10.9.0.1 5000 10.9.0.2 22" check_refusal 1 "xdpshark: capture filter \"$wrong\": can't parse filter expression: syntax error" \
		xdpshark capture "$hook" -w "$HOME/wrong" "$wrong"
done

# Wireshark has a capture filter of its own for the connection that it runs in.
mkfifo "$HOME/fifo"
SSH_CONNECTION="10.9.0.1 5000 10.9.0.2 22" xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" --duration 0.1 2>"$HOME/errors" &
capture=$!
with_limit cat "$HOME/fifo" >"$file"
wait $capture || fail "Wireshark's capture: $(cat "$HOME/errors")"
check_equal "filter of Wireshark's capture" "-" "$(blocks "$file" IDB filter)"
