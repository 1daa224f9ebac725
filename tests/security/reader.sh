#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Processes that read packets and files are not root, even if root has started them: neither a capture nor
# `filter --match` could write to root's files, whatever a packet did to them.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
roots=$HOME/roots-file
echo "root's" >"$roots"
log=$HOME/log

expected=$(id -u tcpdump 2>/dev/null || id -u nobody)
expected_group=$(id -g tcpdump 2>/dev/null || id -g nobody)

# credential PID FIELD: of /proc/PID/status.
credential()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '
}

# check_harmless PID UID GID: every thread of the process is this user's, with no privilege.
check_harmless()
{
	local task field
	for task in "/proc/$1/task/"*; do
		task=$1/task/${task##*/}
		check_equal "user of $task" "$2 $2 $2 $2" "$(credential "$task" Uid)"
		check_equal "group of $task" "$3 $3 $3 $3" "$(credential "$task" Gid)"
		check_equal "groups of $task" "" "$(credential "$task" Groups | tr -d ' ')"
		check_equal "no_new_privs of $task" 1 "$(credential "$task" NoNewPrivs)"
		for field in CapInh CapPrm CapEff CapAmb; do
			check_equal "$field of $task" 0000000000000000 "$(credential "$task" $field)"
		done
	done
	# The same in practice, with its credentials.
	if setpriv --reuid "$2" --regid "$3" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
		sh -c 'echo more >>"$1"' sh "$roots" 2>/dev/null; then
		fail "user $2 appends to a file of root's"
	fi
}

has_packets()
{
	[ "$(stat -c %s "$file")" -gt "$1" ]
}

# A capture changes before the first packet, and can go on writing to its file and its log.
capture_start -w "$file" --log-file "$log"
check_harmless "$capture" "$expected" "$expected_group"
open_for_writing=$(find "/proc/$capture/fd" -type l -perm -200 -exec readlink {} + | grep "^$HOME" | sort | paste -sd ' ')
check_equal "files that it can write to" "$file $HOME/errors $log" "$open_for_writing"
send --count 3000 1000 1001 1002 1003 1004 >/dev/null
wait_for 20 has_packets 100000
logged=$(stat -c %s "$log")
capture_end
check_sums
check_equal "packets" 3000 "$(packets)"
[ "$(stat -c %s "$log")" -gt "$logged" ] || fail "nothing is logged after the change"

# As somebody else; sudo's caller does not matter, who has files and keys.
SUDO_UID=1234 SUDO_GID=1234 capture_start -w "$file"
check_harmless "$capture" "$expected" "$expected_group"
capture_end
capture_start -w "$file" -Z nobody
check_harmless "$capture" "$(id -u nobody)" "$(id -g nobody)"
capture_end
capture_start -w "$file" -Z root
check_equal "user with -Z root" "0 0 0 0" "$(credential "$capture" Uid)"
check_equal "capabilities with -Z root" 0000000000000000 "$(credential "$capture" CapPrm)"
check_equal "no_new_privs with -Z root" 1 "$(credential "$capture" NoNewPrivs)"
capture_end

# Wireshark's capture does the same.
mkfifo "$HOME/fifo"
xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" 2>"$HOME/errors" &
capture=$!
with_limit cat "$HOME/fifo" >/dev/null &
capture_wait
check_harmless "$capture" "$expected" "$expected_group"
capture_end

# If that is impossible, nothing is captured, and no file emptied.
cp "$roots" "$file"
check_refusal 1 "xdpshark: there is no user 'nosuchuser'" xdpshark capture "$hook" -w "$file" -Z nosuchuser
cmp "$roots" "$file" || fail "the file is not what it was"
check_refusal 1 "xdpshark: cannot give up being root and become the user with id $expected: Operation not permitted: name another user (-Z USER), or stay root (-Z root)" \
	setpriv --inh-caps=-setuid --bounding-set=-setuid xdpshark capture "$hook" -w "$file"
check_equal "slots" "" "$(slots_taken "$hook")"

# A file that somebody else may have written is also read without privilege, from its first byte on.
"$tests/capture/frames.py" "$HOME/frames.pcap"
xdpshark filter --match "$HOME/fifo" udp >"$HOME/verdicts" 2>"$HOME/errors" &
matcher=$!
exec 3>"$HOME/fifo"
reads_unprivileged()
{
	[ "$(credential $matcher NoNewPrivs)" = 1 ]
}
wait_for 20 reads_unprivileged || fail "the process that reads the file has privilege"
check_harmless $matcher "$expected" "$expected_group"
cat "$HOME/frames.pcap" >&3
exec 3>&-
wait $matcher || fail "filter --match: $(cat "$HOME/errors")"
check_equal "verdicts" "0 1" "$(sort -u "$HOME/verdicts" | paste -sd " ")"
check_equal "root's file" "root's" "$(cat "$roots")"
