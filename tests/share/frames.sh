#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the program does to each of many numbered frames, first without captures, then while captures start, share the
# hook, end and are killed: 0 changed, 0 lost, 0 twice. XDPSHARK_FRAMES frames in all (1,000,000).
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/captures.sh"
example_create
frames=${XDPSHARK_FRAMES:-1000000}
# Sent at once; each takes 8 bytes of notes.
batch=$((frames / 4 < 5000000 ? frames / 4 : 5000000))

# send_frames COUNT [FILE]: at least as many, and until there is the file.
send_frames()
{
	local sent
	for ((sent = 0; sent < $1; sent += batch)); do
		"$BUILD/tests/share/numbered" "$client" "$server" "$sink" $batch || return
		[ $((sent + batch)) -lt "$1" ] || [ -e "${2:-/}" ] || sent=$((sent - batch))
	done
}

echo "without captures:"
send_frames $batch

echo "while captures come and go:"
send_frames $((frames - batch)) "$HOME/many-rounds" >"$HOME/result" &
sender=$!
rounds=0
until process_has_ended $sender; do
	run_round
	rounds=$((rounds + 1))
	[ $rounds -lt 3 ] || touch "$HOME/many-rounds"
done 2>"$HOME/killed"
status=0
wait $sender || status=$?
cat "$HOME/result"
echo "$rounds rounds of three captures"
[ $status = 0 ] || exit $status
leave_nothing
