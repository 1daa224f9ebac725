#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# frames.sh OBJECT: the frame is what it would be on a wire, wherever in the stack it is dropped, and the filter sees it
# so: with a header that is made where there is none yet or any more, with the tag that the kernel has taken out, and
# with its fragments. What the capture itself causes is not in it.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
object=$1
command -v nft >/dev/null || { echo "SKIP: needs nft"; exit 77; }
drops_world

# fields FILTER FIELD...: of the packets.
fields()
{
	local filter=$1 field arguments=()
	shift
	for field; do
		arguments+=(-e "$field")
	done
	tshark -r "$file" -Y "$filter" -T fields "${arguments[@]}" 2>/dev/null
}

# On its way out a packet has no Ethernet header yet.
drop "$client" output 21
begin "$client" 'udp dst port 21 and host 10.9.0.2'
on "$client" bash -c 'echo hello >/dev/udp/10.9.0.2/21' 2>/dev/null || true
end
check_equal "a made header" "$from	0x0800	10.9.0.1	21" "$(fields udp eth.src eth.type ip.src udp.dstport)"
tells_context && process=' process=bash' || process=
comments | grep -q "$process.* made=link" || fail "not said to be made: $(comments)"

# A device without Ethernet.
if [ -c /dev/net/tun ]; then
	drop "$server" input 22
	begin "$server" 'udp dst port 22 and src host 10.9.0.1'
	on "$server" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.server0.rp_filter=0
	on "$server" "$python3" "$here/send.py" tun:plain0 source=10.9.0.1 target=10.9.0.2 port=22
	end
	check_equal "without Ethernet" "0x0800	10.9.0.1	22" "$(fields udp eth.type ip.src udp.dstport)"
	comments | grep -q ' if=plain0 .* made=link' || fail "not said to be made: $(comments)"
fi

# The tag is no longer in the frame.
tc -n "$server" qdisc add dev server0 clsact
if tc -n "$server" filter add dev server0 ingress bpf direct-action object-file "$object" section classifier 2>/dev/null; then
	begin "$server" 'vlan 5 and udp port 9'
	send port=9 tag=6
	send port=9
	send port=9 tag=5
	end
	check_equal "a tag" "5	$from	9" "$(fields udp vlan.id eth.src udp.dstport)"
	! comments | grep made || fail "said to be made: $(comments)"
fi
tc -n "$server" qdisc del dev server0 clsact

# In fragments: the filter looks behind the first part.
begin "$server" 'udp port 23 and udp[25008:4] = 0x66726167'
on "$server" "$python3" -c '
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for text in b"none", b"frag":
    sender.sendto((text * 7500)[:30000], ("10.9.0.2", 23))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)'
end
if grep -q "read fragments" "$HOME/errors"; then
	echo "(this kernel does not let fragments be read)"
else
	check_equal "in fragments" "30042	30042	$("$python3" -c 'print("66726167" * 7500)')" \
		"$(fields udp frame.len frame.cap_len data.data)"
	begin "$server" -s 100 'udp port 23'
	on "$server" "$python3" -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"." * 30000, ("10.9.0.2", 23))'
	end
	check_equal "cut" "30042	100" "$(fields udp frame.len frame.cap_len)"

	# In a list of packets: one that has come in fragments of IP, and one that is to leave so.
	for namespace in "$server" "$client"; do
		[ "$namespace" = "$server" ] && port=40 || port=21
		begin "$namespace" "udp dst port $port and udp[8008:4] = 0x17701771"
		on "$client" "$python3" -c '
import socket
import struct
import sys
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(struct.pack("!8000H", *range(2000, 10000)), ("10.9.0.2", int(sys.argv[1])))
except OSError:
    pass' $port
		end
		check_equal "in a list, $port" "16042	16042	$("$python3" -c 'import struct; print(struct.pack("!8000H", *range(2000, 10000)).hex())')" \
			"$(fields udp frame.len frame.cap_len data.data)"
	done
fi

# The ssh connection that the capture runs in, and its own output.
on "$server" nft 'add table ip ssh; add chain ip ssh input { type filter hook input priority 0; }; add rule ip ssh input tcp dport 22-24 drop'
export SSH_CONNECTION="10.9.0.1 40000 10.9.0.2 22"
begin "$server" 
send tcp=1 port=22
send tcp=1 port=24
end
check_equal "without its own connection" "24" "$(fields tcp tcp.dstport)"
begin "$server" --keep-ssh
send tcp=1 port=22
send tcp=1 port=24
end
check_equal "with its own connection" "22 24" "$(fields tcp tcp.dstport | paste -sd ' ')"
unset SSH_CONNECTION

# What is dropped anywhere on the machine, through a pipe: whatever others do, none of it is ours.
has_arrived()
{
	# Others' packets may use up what a second may have.
	send port=1
	[ -n "$(fields "udp.dstport == 1 && frame.comment contains \"netns=$server\"" frame.number)" ]
}
rm -f "$file"
xdpshark capture kernel:drops -w - -v 2>"$HOME/errors" > >(cat >"$file") &
capture=$!
wait_for 30 grep -sq '^capturing on' "$HOME/errors" || fail "no capture: $(cat "$HOME/errors")"
wait_for 30 has_arrived || fail "the packet is not there"
end
! comments "frame.comment contains \"netns=$world\"" | grep -E ' process=(xdpshark|cat|reader|tshark)' || fail "packets of its own"
check_equal "what is no packet" "" "$(fields "eth.type == 0 && frame.comment contains \"netns=$world\"" frame.comment)"
