#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture that starts while those before it are being killed gets all its packets: the kernel empties their
# program arrays a little later.
set -eu
. "$(dirname "$0")/client.sh"
example_create
# The more descriptors a process has, the longer it takes to end.
before=24

# They may have ended after the new one.
leaves_nothing()
{
	xdpshark capture "$hook" -w "$file" -a drop --duration 0.05 && [ -z "$(slots_taken "$hook")" ]
}

bad=0
for ((round = 1; round <= 10; round++)); do
	client_start dying
	for ((i = 0; i < before; i++)); do
		ask dying open "$hook" $drop
		ask dying attach $i
	done
	client_start coming
	ask coming open "$hook" $drop
	tell dying shoot
	[ $((round % 2)) = 0 ] || hear dying
	ask coming attach 0
	world_send 1001 3
	ask coming counts 0
	[ "$answer" = "3 3 0" ] || { echo "round $round: received, captured, lost of 3 packets: $answer"; bad=$((bad + 1)); }
	[ $((round % 2)) = 1 ] || hear dying
	client_end dying
	client_end coming
	wait_for 20 leaves_nothing || fail "slots are taken after round $round: $(slots_taken "$hook")"
done
[ $bad = 0 ] || fail "$bad of 10 captures did not get their packets"
