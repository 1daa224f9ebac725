#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several files, one after the other: by size and time, with tcpdump's names, each whole by itself, none of the packets
# lost between two, and created where root may write although packets are read without its rights.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"
dumps=$HOME/dumps
# Root's alone: who reads the packets could not even look into it.
mkdir -m 700 "$dumps"

# total VALUE FILE...: the sum of that of all files' statistics.
total()
{
	local value=$1 sum=0 each
	shift
	for each; do
		sum=$((sum + $(statistics "$value" "$each")))
	done
	echo $sum
}

# check_whole FILE...: readers find nothing wrong with any of them.
check_whole()
{
	local each
	for each; do
		check_equal "heads of $each" "1 1" "$(blocks "$each" SHB hardware | wc -l) $(blocks "$each" IDB snaplen | wc -l)"
		check_equal "statistics of $each" 1 "$(blocks "$each" ISB interface | wc -l)"
		check_equal "delivered in $each" "$(packets "$each")" "$(statistics delivered "$each")"
		tcpdump -n -r "$each" >/dev/null 2>&1 || fail "tcpdump finds $each damaged"
		check_equal "mode and owner of $each" "600 0" "$(stat -c '%a %u' "$each")"
	done
}

# send_all COUNT: until the program has seen them.
send_all()
{
	local before
	before=$(server_received)
	send --count "$1" --size 400 1000 1001 1002 >/dev/null
	wait_for 20 server_has_received $((before + $1)) || fail "packets do not arrive"
}

numbers()
{
	local each
	for each; do
		blocks "$each" EPB packetid
	done | sort -n | uniq | wc -l
}

names()
{
	(cd "$1" && ls | paste -sd ' ')
}

# By size.
capture_start -C 10k -w "$dumps/by-size"
send_all 300
capture_end
check_equal "first names" "by-size by-size1 by-size2" "$(names "$dumps" | cut -d ' ' -f 1-3 | sed 's/by-size10/by-size2/')"
check_equal "packets" 300 "$(numbers "$dumps"/*)"
check_equal "received" 300 "$(total received "$dumps"/*)"
check_equal "accepted" 300 "$(total accepted "$dumps"/*)"
check_whole "$dumps"/*
for each in "$dumps"/*; do
	# One packet may be over it, and then there are the statistics.
	[ "$(stat -c %s "$each")" -lt $((10240 + 1024)) ] || fail "$each is too large"
done
[ "$(ls "$dumps" | wc -l)" -gt 10 ] || fail "there are only $(names "$dumps")"
before=$(numbers "$dumps/by-size") && [ "$before" -gt 1 ] || fail "files have too few packets"
rm "$dumps"/*

# The log may have the name of a file to come: the capture ends, and the log stays.
xdpshark capture "$hook" -C 10k -w "$dumps/same" --log-file "$dumps/same1" --log-level debug 2>"$HOME/errors" &
capture=$!
wait_for 20 is_capturing || fail "$(cat "$HOME/errors")"
send_all 100
wait $capture && fail "the log is overwritten"
grep -q "cannot open $dumps/same1: File exists: it is the log file: name another one (--log-file)" "$HOME/errors" ||
	fail "not said: $(cat "$HOME/errors")"
check_whole "$dumps/same"
[ -s "$dumps/same1" ] && ! blocks "$dumps/same1" SHB hardware >/dev/null 2>&1 || fail "the log is no log"
rm "$dumps"/*

# The oldest ones are overwritten, and nothing else is.
echo mine >"$dumps/ring9"
capture_start -W 3 -C 10k -w "$dumps/ring"
send_all 300
capture_end
check_equal "names of a ring" "ring0 ring1 ring2 ring9" "$(names "$dumps")"
check_equal "somebody's file" mine "$(cat "$dumps/ring9")"
check_whole "$dumps"/ring[0-2]
rm "$dumps"/*
capture_start -W 11 -C 10k -w "$dumps/ring"
send_all 300
capture_end
check_equal "first names of a ring" "ring00 ring01" "$(names "$dumps" | cut -d ' ' -f 1-2)"
rm "$dumps"/*

# The same names as tcpdump's.
names_of()
{
	(cd "$dumps" && ls | sed 's/[0-9]\{6\}/TIME/' | sort -u | head -n 3 | paste -sd ' ')
}
frames=$HOME/frames.pcap
"$tests/capture/frames.py" "$frames"
for words in "-C 1 -w plain" "-C 1 -W 1 -w plain" "-C 1 -W 10 -w plain" "-C 1 -W 11 -w plain" "-G 60 -w %H%M%S.x" "-G 60 -C 1 -w %H%M%S.x" "-G 60 -C 1 -W 200 -w %H%M%S.x"; do
	# shellcheck disable=SC2086
	(cd "$dumps" && tcpdump -Z root -r "$frames" $words 2>/dev/null)
	expected=$(names_of)
	rm "$dumps"/*
	# shellcheck disable=SC2086
	(cd "$dumps" && with_limit xdpshark capture "$hook" --duration 0.1 $words)
	check_equal "names with $words" "$expected" "$(names_of)"
	rm "$dumps"/*
done

# By time: files of what nobody sent, too, and an end.
traffic_start --size 400 --pause 0.005 1000 1001 1002
capture_launch "$hook" -G 1 -W 3 -w "$dumps/%s.pcapng"
capture_join
traffic_end
check_equal "files" 3 "$(ls "$dumps" | wc -l)"
check_equal "packets" "$(total received "$dumps"/*)" "$(numbers "$dumps"/*)"
[ "$(numbers "$dumps"/*)" -gt 10 ] || fail "only $(numbers "$dumps"/*) packets"
check_whole "$dumps"/*
rm "$dumps"/*
capture_launch "$hook" -G 1 -W 3 -w "$dumps/%s.pcapng"
capture_join
check_equal "files of what nobody sent" "3 0" "$(ls "$dumps" | wc -l) $(total received "$dumps"/*)"
check_whole "$dumps"/*
rm "$dumps"/*
# Folders are told by time as well.
mkdir "$dumps/$(date +%Y)" "$dumps/$(($(date +%Y) + 1))"
capture_launch "$hook" -G 100 -w "$dumps/%Y/x" --duration 0.1
capture_join
ls "$dumps"/*/x >/dev/null
rm -r "$dumps"/*

# As the report says it; with names that are no times the user is told.
capture_launch "$hook" -v -G 1 -W 2 -w "$dumps/x"
wait_for 20 process_has_ended "$capture" || fail "-W 2 does not end it"
grep -q "written 0 packets to 2 files, the last one $dumps/x" "$HOME/errors" || fail "$(cat "$HOME/errors")"
grep -q "each file overwrites the one before" "$HOME/errors" || fail "$(cat "$HOME/errors")"
rm "$dumps"/*

# What is no file of ours to write to ends the capture, with the files before whole.
# blocked WHAT
blocked()
{
	capture_launch "$hook" -C 10k -w "$dumps/x"
	capture_wait
	send_all 100
	wait_for 20 process_has_ended "$capture" || fail "the capture goes on over $1"
	status=0
	wait "$capture" || status=$?
	check_equal "status with $1" 1 $status
	check_equal "what is said" "xdpshark: cannot open $dumps/x1: $2" "$(cat "$HOME/errors")"
	check_whole "$dumps/x"
	check_equal "slots" "" "$(slots_taken "$hook")"
	rm -r "$dumps"/*
}
echo precious >"$HOME/precious"
ln -s "$HOME/precious" "$dumps/x1"
blocked link "Too many levels of symbolic links: it is a symbolic link: remove it, or choose another name"
check_equal "where the link leads" precious "$(cat "$HOME/precious")"
mkfifo "$dumps/x1"
blocked FIFO "Operation not supported: only regular files are written one after the other"
mkdir "$dumps/x1"
blocked folder "Is a directory: name a file in that directory"

# A full disk: as with a single file.
mount -t tmpfs -o size=200k tmpfs "$dumps"
trap 'world_remove; umount -l "$dumps"' EXIT
capture_launch "$hook" -C 20k -w "$dumps/x"
capture_wait
send_all 800
wait_for 20 process_has_ended "$capture" || fail "the capture goes on with a full disk"
grep -q "^xdpshark: cannot write to $dumps/x[0-9]*: No space left on device: " "$HOME/errors" || fail "$(cat "$HOME/errors")"
for each in "$dumps"/*; do
	[ ! -s "$each" ] || capinfos "$each" >/dev/null || fail "$each is damaged"
done
umount "$dumps"
trap world_remove EXIT

# No process stays behind, however it ends.
capture_start -C 10k -w "$dumps/x"
opener=$(pgrep -P "$capture" -x xdpshark)
[ -n "$opener" ] || fail "nobody opens files"
check_equal "files of who opens files" "0 1 2 3 4" "$(ls "/proc/$opener/fd" | paste -sd ' ')"
check_equal "capabilities of who opens files" 0000000000000002 "$(awk '/^CapPrm/ { print $2 }' "/proc/$opener/status")"
kill -s KILL "$capture"
wait_for 20 process_has_ended "$opener" || fail "who opens files stays behind"
wait_for 20 is_not_capturing "$hook" || fail "the slots stay taken"

# What does not go together.
refused()
{
	local text=$1
	shift
	check_refusal 2 "xdpshark: $text" xdpshark capture "$hook" "$@"
}
refused "-C is for several files: name them (-w FILE)" -C 1
refused "-G is for several files: name them (-w FILE)" -G 1 -w -
refused "-W says how many files there are: say when another one begins (-C SIZE or -G SECONDS)" -W 1 -w x
for size in 0 x 1x 1kk k -1 99999999999999; do
	refused "--file-size: '$size' is not a number of millions of bytes, nor one with k, m or g (KiB, MiB, GiB)" "-C$size" -w x
done
refused "--file-seconds: '0' is not a number from 1 to 2147483647" -G 0 -w x
check_refusal 1 "xdpshark: cannot open the folder $HOME/none/: No such file or directory: create it first, or name another one" xdpshark capture "$hook" -C 1 -w "$HOME/none/x"

# A filter from a file.
printf '# what is asked for\nudp # not tcp\n and port 1001\n' >"$HOME/filter"
capture_launch "$hook" -w "$file" -F "$HOME/filter" --duration 0.1
capture_join
check_equal "filter" "udp and port 1001" "$(blocks "$file" IDB filter)"
echo udp | with_limit xdpshark capture "$hook" -w "$file" -F - --duration 0.1
check_equal "filter" udp "$(blocks "$file" IDB filter)"
check_refusal 1 "xdpshark: cannot read the filter from $HOME/none: No such file or directory" xdpshark capture "$hook" -w "$file" -F "$HOME/none"
check_refusal 1 "xdpshark: $frames is no text of a filter: -F takes one in tcpdump's language" xdpshark capture "$hook" -w "$file" -F "$frames"
check_refusal 2 "xdpshark: two filters given, 'udp' and that of $HOME/filter (-F): put both into the file, joined by 'and' or 'or'" \
	xdpshark capture "$hook" -w "$file" -F "$HOME/filter" udp
