#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -w with a name in .zst or .gz compresses: the same packets, whole up to where a capture was killed or a disk was full,
# in several files, and beside what prints.
set -eu
. "$(dirname "$0")/steps.sh"
command -v zstd >/dev/null || { echo "SKIP: zstd is not installed"; exit 77; }
example_create

# unpack FILE: what is in it, on standard output.
unpack()
{
	case $1 in
	*.gz | *.GZ) gzip -dc <"$1" ;;
	*) zstd -qdc <"$1" ;;
	esac
}

# unpacked FILE: the packets that are in the file so far.
unpacked()
{
	unpack "$1" >"$HOME/unpacked" 2>/dev/null || true
	packets "$HOME/unpacked"
}

has_packets()
{
	[ "$(unpacked "$1")" -ge "$2" ]
}

# As packets come slowly, and at once.
for name in a.pcapng.zst b.pcapng.gz c.ZST; do
	name=$HOME/$name
	capture_start -w "$name"
	send --count 3 --size 200 1001 >/dev/null
	wait_for 20 has_packets "$name" 3 || fail "$name: what came slowly is held back"
	send --count 6400 --size 1400 --burst 32 1001 1002 >/dev/null
	capture_end
	unpack "$name" >"$file"
	check_equal "packets in $name" 6403 "$(packets)"
	check_sums
	check_equal "packets that tshark reads in $name" 6403 "$(tshark -r "$name" -T fields -e frame.number 2>/dev/null | wc -l)"
	[ $(($(stat -c %s "$file") / $(stat -c %s "$name"))) -ge 10 ] || fail "$name is not smaller"
	check_equal "mode" 600 "$(stat -c %a "$name")"
done
capture_launch "$hook" -q -w "$HOME/d.pcap.gz" -c 3
capture_wait
send --count 3 1001 >/dev/null
capture_join
check_equal "pcap" 4d3cb2a1 "$(unpack "$HOME/d.pcap.gz" | head -c 4 | xxd -p)"
check_equal "packets of pcap" 3 "$(unpack "$HOME/d.pcap.gz" | tcpdump -n -r - 2>/dev/null | wc -l)"

# Killed: what is whole can be read, and has each packet up to there.
killed=$HOME/killed.zst
traffic_start --size 300 --burst 8 --pause 0.001 1001
capture_start -w "$killed"
wait_for 20 has_packets "$killed" 2000 || fail "nothing is written"
kill -s KILL "$capture"
wait "$capture" || true
wait_for 20 is_not_capturing "$hook"
traffic_end
count=$(tshark -r "$killed" -T fields -e frame.packet_id 2>/dev/null | tee "$HOME/ids" | wc -l)
[ "$count" -ge 2000 ] || fail "only $count packets of a capture that was killed"
python3 - "$HOME/ids" <<'CHECK' || fail "packets are missing in a capture that was killed"
import collections, sys
seen = collections.defaultdict(list)
for line in open(sys.argv[1], encoding="ascii"):
    seen[int(line) >> 48].append(int(line) & (1 << 48) - 1)
assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen.values()), seen.keys()
CHECK

# A full disk: one line, and as many packets as the counts say.
disk=$HOME/disk
mkdir "$disk"
mount -t tmpfs -o size=1m tmpfs "$disk"
trap 'world_remove; umount -l "$disk"' EXIT
for name in full.zst full.gz; do
	launch "$client" "$HOME/sent" python3 -c '
import os, socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    while True:
        sender.sendto(os.urandom(200), ("10.9.0.2", 1001))'
	traffic=$launched
	capture_launch "$hook" --json -w "$disk/$name"
	wait_for 20 process_has_ended "$capture" || fail "the capture goes on with a full disk"
	status=0
	wait "$capture" || status=$?
	kill "$traffic"
	wait "$traffic" 2>/dev/null || true
	check_equal "status" 1 "$status"
	check_equal "what is said" "xdpshark: cannot write to $disk/$name: No space left on device: free space on that file \
system, or capture to another one" "$(grep -v '^{' "$HOME/errors")"
	unpack "$disk/$name" >"$file" || fail "$name is damaged"
	check_equal "packets written" "$(grep '^{' "$HOME/errors" | tail -n 1 | jq .written)" "$(packets)"
	[ "$(packets)" -gt 100 ] || fail "only $(packets) packets"
	check_equal "slots" "" "$(slots_taken "$hook")"
	rm "$disk/$name"
done
umount "$disk"
trap world_remove EXIT

# Several files: SIZE is that of what is in them, and each is whole.
mkdir "$HOME/files"
capture_start -C 100k -w "$HOME/files/x.zst"
send --count 3200 --size 200 --burst 4 1001 >/dev/null
capture_end
sum=0
for each in "$HOME"/files/*; do
	zstd -qdc <"$each" >"$file" || fail "$each is damaged"
	[ "$(stat -c %s "$file")" -lt 104000 ] || fail "$each has $(stat -c %s "$file") bytes in it"
	check_equal "statistics in $each" 1 "$(blocks "$file" ISB delivered | wc -l)"
	check_equal "packets in $each" "$(statistics delivered)" "$(packets)"
	sum=$((sum + $(packets)))
done
check_equal "packets of all files" 3200 "$sum"
[ "$(find "$HOME/files" -type f | wc -l)" -gt 5 ] || fail "too few files"

# What is printed beside it.
capture_launch "$hook" --print -n -c 3 -w "$HOME/printed.zst" >"$HOME/lines"
capture_wait
send --count 3 1001 >/dev/null
wait "$capture" || fail "$(cat "$HOME/errors")"
check_equal "packets printed" 3 "$(grep -c '^DROP ' "$HOME/lines")"
check_equal "packets beside it" 3 "$(unpacked "$HOME/printed.zst")"

# Standard output is not compressed, and what is no file neither.
capture_launch "$hook" -q -w - -c 1 >"$file"
capture_wait
send --count 1 1001 >/dev/null
capture_join
check_equal "packets on standard output" 1 "$(packets)"
mkfifo "$HOME/fifo.gz"
cat "$HOME/fifo.gz" >/dev/null &
check_refusal 1 "xdpshark: $HOME/fifo.gz is no file, and only files are compressed: leave the end out of its name" \
	xdpshark capture "$hook" -q -w "$HOME/fifo.gz"
