#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets of several CPUs come in strict order of time, and none twice.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
cpus=$(nproc)

capture_start --comments full -w "$file" udp
senders=
for ((cpu = 0; cpu < (cpus < 4 ? cpus : 4); cpu++)); do
	launch "$client" /dev/null "$tests/capture/send.py" --cpu $cpu --count 20000 --burst 10 $((2001 + cpu))
	senders="$senders $launched"
done
# shellcheck disable=SC2086
for sender in $senders; do wait $sender; done
# Once more in small steps, each CPU by itself.
for ((i = 0; i < 20; i++)); do
	send --cpu $((i % cpus)) --count 1 3000 >/dev/null
done
capture_end
check_sums
check_equal "dropped" 0 "$(statistics dropped)"
blocks "$file" EPB time >"$HOME/times"
sort -n -c "$HOME/times" || fail "the order of time is not strict"
[ "$(blocks "$file" EPB packetid | awk '{ print int($1 / 2 ^ 48) }' | sort -u | wc -l)" = "$(blocks "$file" EPB comment | sed 's/.*cpu=//' | sort -u | wc -l)" ] ||
	fail "packet numbers do not tell the CPU"
blocks "$file" EPB packetid | sort | uniq -d >"$HOME/twice"
check_equal "numbers of packets that are there twice" "" "$(head -n 3 "$HOME/twice")"
[ "$cpus" = 1 ] || [ "$(blocks "$file" EPB comment | sed 's/.*cpu=//' | sort -u | wc -l)" -gt 1 ] ||
	fail "all packets came from one CPU: the test tests nothing"
