#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pcap for those who cannot read pcapng: the same packets, whole up to the last one wherever writing
# ends, a line about what it has no place for, and no packets of another link type among them.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"
lost="xdpshark: pcap has no place for what XDP did to packets, nor for hook, program and queue: pcapng has (-w FILE.pcapng)"

# head FILE: magic, versions, snaplen and link type.
head_of()
{
	/usr/bin/python3 -c 'import struct, sys
print(*(hex(n) if n > 9999999 else n for n in struct.unpack("=IHH8xII", open(sys.argv[1], "rb").read(24))))' "$1"
}

# shown FILE: lengths and bytes of each packet. Each capture looks at the clock itself.
shown()
{
	tshark -r "$1" -T fields -e frame.cap_len -e frame.len -e udp.dstport -e udp.payload
}

# At the same time to both formats: by name, by option, with any letters, and to a pipe.
xdpshark capture "$hook" -s 60 -w "$file" 2>/dev/null &
other=$!
mkfifo "$HOME/fifo"
cat "$HOME/fifo" >"$HOME/piped" &
cat=$!
n=0
captures=
for words in "-w $HOME/named.PCAP" "-w $HOME/option --pcap" "-w $HOME/fifo --pcap -q"; do
	# shellcheck disable=SC2086
	xdpshark capture "$hook" -s 60 $words 2>"$HOME/errors$n" &
	captures="$captures $!"
	n=$((n + 1))
done
all_run()
{
	[ "$(bpftool -j prog show | grep -o xdpshark_drop | wc -l)" -ge 4 ] || [ "$(grep -c . <(pgrep -x xdpshark-hookd))" -ge 4 ]
}
wait_for 20 all_run || fail "they do not run"
wait_for 20 is_capturing "$hook" || fail "nobody captures"
loads()
{
	# Each capture sees a packet that none of the others would hide.
	send --count 1 1004 >/dev/null
	for each in "$file" "$HOME/named.PCAP" "$HOME/option" "$HOME/piped"; do
		[ -e "$each" ] && [ "$(tcpdump -n -r "$each" udp port 1004 2>/dev/null | wc -l)" -ge 1 ] || return 1
	done
}
wait_for 20 loads || fail "not all of them capture"
before=$(server_received)
send --count 20 --size 100 1000 1001 1002 >/dev/null
wait_for 20 server_has_received $((before + 20)) || fail "packets do not arrive"
# shellcheck disable=SC2086
kill $other $captures
# shellcheck disable=SC2086
wait $other $captures $cat || fail "a capture failed: $(cat "$HOME"/errors*)"
expected=$(shown "$file" | awk '$3 != 1004')
check_equal "packets" 20 "$(wc -l <<<"$expected")"
for each in "$HOME/named.PCAP" "$HOME/option" "$HOME/piped"; do
	check_equal "head of $each" "0xa1b23c4d 2 4 60 1" "$(head_of "$each")"
	check_equal "packets of $each" "$expected" "$(shown "$each" | awk '$3 != 1004')"
	tshark -r "$each" -T fields -e frame.time_epoch | awk -v now="$(date +%s)" '$1 < now - 600 || $1 > now + 1 { exit 1 }' ||
		fail "times of $each: $(tshark -r "$each" -T fields -e frame.time_epoch | head -n 1)"
done
check_equal "what is said" "$lost
$lost" "$(cat "$HOME"/errors?)"

# Several files.
capture_launch "$hook" -q --pcap -C 10k -w "$HOME/several"
capture_wait
before=$(server_received)
send --count 100 --size 400 1000 1001 >/dev/null
wait_for 20 server_has_received $((before + 100)) || fail "packets do not arrive"
capture_end
sum=0
for each in "$HOME"/several*; do
	check_equal "head of $each" "0xa1b23c4d 2 4 262144 1" "$(head_of "$each")"
	sum=$((sum + $(tcpdump -n -r "$each" 2>/dev/null | wc -l)))
done
check_equal "packets of all" 100 $sum

# A full disk: nothing but whole packets is left, and it is as many as are said.
disk=$HOME/disk
mkdir "$disk"
mount -t tmpfs -o size=300k tmpfs "$disk"
trap 'world_remove; umount -l "$disk"' EXIT
for size in 18 1400; do
	traffic_start --size $size --burst 16 --pause 0.0005 1001 1002 1003
	capture_launch "$hook" --json -w "$disk/full.pcap" 'not port 1003'
	wait_for 20 process_has_ended "$capture" || fail "the capture goes on with a full disk"
	traffic_end
	grep -q "^xdpshark: cannot write to $disk/full.pcap: No space left on device: " "$HOME/errors" || fail "$(cat "$HOME/errors")"
	[ "$(stat -c %s "$disk/full.pcap")" -gt 250000 ] || fail "the disk was not full"
	tcpdump -n -r "$disk/full.pcap" 2>"$HOME/reader" >"$HOME/read" || fail "tcpdump finds it damaged: $(cat "$HOME/reader")"
	check_equal "written" "$(wc -l <"$HOME/read")" "$(grep '^{' "$HOME/errors" | tail -n 1 | sed 's/.*"written":\([0-9]*\).*/\1/')"
	rm "$disk/full.pcap"
done
umount "$disk"
trap world_remove EXIT

# A reader that takes nothing more.
mkfifo "$HOME/stuck"
sleep 600 <"$HOME/stuck" &
reader=$!
traffic_start --size 1400 --burst 16 --pause 0.0005 1001
capture_launch "$hook" --json --pcap -w "$HOME/stuck" -B 1
loses()
{
	grep '^{' "$HOME/errors" | tail -n 1 | grep -q '"lost":[1-9]'
}
wait_for 30 loses || fail "nothing is lost: the test tests nothing"
kill "$capture"
wait_for 60 process_has_ended "$capture" || fail "the capture does not end"
traffic_end
kill "$reader"
tail -n 2 "$HOME/errors" | grep '^{' | python3 -c '
import json, sys
last = json.loads(sys.stdin.readlines()[-1])
captured = sum(action["captured"] for action in last["actions"].values())
assert last["final"] and last["matched"] == captured + last["lost"] and 0 < last["written"] <= captured, last'

# Link types.
[ -c /dev/net/tun ] || { echo "SKIP: no /dev/net/tun"; exit 77; }
ip -n "$server" tuntap add tun0 mode tun
on "$server" sysctl -qw net.ipv6.conf.tun0.disable_ipv6=1
ip -n "$server" link set tun0 up
# A device that comes later.
capture_launch "$hook" -q -w "$HOME/late.pcap" udp
capture_wait
before=$(server_received)
send --count 5 1001 >/dev/null
wait_for 20 server_has_received $((before + 5)) || fail "packets do not arrive"
capture_launch_pid=$capture
on "$server" bpftool net attach xdpgeneric pinned /sys/fs/bpf/example dev tun0
check_refusal 1 "xdpshark: packets of $hook do not all begin with the same header, and pcap has room for one kind only: capture to pcapng" \
	xdpshark capture "$hook" -w "$HOME/both.pcap"
[ ! -e "$HOME/both.pcap" ] || fail "there is a file"
kill "$capture_launch_pid"
wait "$capture_launch_pid" || fail "$(cat "$HOME/errors")"
on "$server" bpftool net detach xdpgeneric dev tun0
capture_launch "$hook" -q -w "$HOME/late.pcap"
capture_wait
before=$(server_received)
send --count 5 1001 >/dev/null
wait_for 20 server_has_received $((before + 5)) || fail "packets do not arrive"
on "$server" bpftool net attach xdpgeneric pinned /sys/fs/bpf/example dev tun0
on "$server" "$tests/capture/tun.py" tun0 1001
wait_for 20 process_has_ended "$capture" || fail "packets of another kind are taken"
check_equal "what is said" "xdpshark: a packet of tun0 begins with another header than those before, and pcap has room for one kind only: capture to pcapng" \
	"$(cat "$HOME/errors")"
check_equal "packets before" 5 "$(tcpdump -n -r "$HOME/late.pcap" 2>/dev/null | wc -l)"
# It alone.
on "$server" bpftool net detach xdp dev server0
capture_launch "$hook" -q -w "$HOME/raw.pcap" --duration 0.1
capture_join
check_equal "head of raw IP" "0xa1b23c4d 2 4 262144 101" "$(head_of "$HOME/raw.pcap")"
check_equal "slots" "" "$(slots_taken "$hook")"
