#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures start, end and are killed at random moments under traffic, several at a time. The program's treatment of each
# packet does not change, and the next capture finds slots as they were before. XDPSHARK_ROUNDS rounds (10).
set -eu
. "$(dirname "$0")/../capture/witnesses.sh"
. "$(dirname "$0")/captures.sh"
world_create
world_attach "$example"
rounds=${XDPSHARK_ROUNDS:-10}

witnesses_start
# shellcheck disable=SC2086
traffic_start --cpu 0 --pause 0.0002 $ports
for ((round = 0; round < rounds; round++)); do
	run_round
	leave_nothing
done
traffic_end
witnesses_end "$(cat "$HOME/sent")" "with captures that were killed"
echo "$rounds rounds, $(cat "$HOME/sent") packets"
