#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader that does not keep up loses packets, each of which is counted, and the program loses none.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
fifo_create
cpus=$(nproc)

# Sends packets to port 7000 + CPU, one at a time, until one is in the file: then all losses of its CPU are
# reported.
is_marked()
{
	send --cpu "$1" --count 1 $((7000 + $1)) >/dev/null
	grep -q -a "$((7000 + $1)) 0" "$file"
}

capture_launch "$hook" -w "$fifo" -B 1 'udp port 1001 or udp port 1004 or udp portrange 7000-7999'
exec 3<"$fifo"
capture_wait
before=$(server_received)
# More than the FIFO, the batch and all rings hold.
sizes="20 200 1400"
for size in $sizes; do
	send --size "$size" --count 32000 --burst 32 1001 >/dev/null
	send --size "$size" --count 3200 --burst 32 1002 >/dev/null
done
wait_for 20 server_has_received $((before + 3 * 35200))
# What the program does is still done.
send --count 1000 --pause 0.0001 1004 >/dev/null
wait_for 20 sink_has_received 1000
check_equal "redirected packets" 1000 "$(sink_received)"

cat <&3 >"$file" &
reader=$!
exec 3<&-
for ((cpu = 0; cpu < cpus; cpu++)); do
	wait_for 20 is_marked $cpu || fail "a capture whose reader reads again does not go on"
done
received=$(($(server_received) - before))
capture_end
wait $reader

check_sums
dropped=$(statistics dropped)
[ "$dropped" -gt 10000 ] || fail "only $dropped lost: the test tests nothing"
check_equal "received" "$received" "$(statistics received)"
check_equal "rejected" $((3 * 3200)) $(($(statistics received) - $(statistics accepted)))
check_equal "lost packets as the packets tell" "$dropped" \
	"$(blocks "$file" EPB dropcount | awk '$1 != "-" { sum += $1 } END { print sum }')"
blocks "$file" EPB time | sort -n -c || fail "the order of time is not strict"
