#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the program does to each of many numbered frames, first without captures, then while captures start, share the
# hook, end and are killed: 0 changed, 0 lost, 0 twice. XDPSHARK_FRAMES frames in all (1,000,000).
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/captures.sh"
world_create
world_attach "$example"
frames=${XDPSHARK_FRAMES:-1000000}
numbered=$BUILD/tests/share/numbered

echo "without captures:"
"$numbered" "$client" "$server" "$sink" $((frames / 4))

echo "while captures come and go:"
"$numbered" "$client" "$server" "$sink" $((frames - frames / 4)) >"$HOME/result" &
sender=$!
rounds=0
until process_has_ended $sender; do
	run_round
	rounds=$((rounds + 1))
done 2>"$HOME/killed"
status=0
wait $sender || status=$?
cat "$HOME/result"
echo "$rounds rounds of three captures"
[ $status = 0 ] || exit $status
[ $rounds -gt 1 ] || fail "the frames were sent before captures came: the test tests nothing"
leave_nothing
