#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the XDP program does to each packet is the same without a capture, with one, and while captures come and go.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"

# Passed packets arrive at the server, transmitted ones back at the client, redirected ones at the sink.
places="server:server0:1002 client:client0:1003 sink:sink0:1004"

witness_is_ready()
{
	grep -qx ready "$HOME/$1"
}

witnesses_start()
{
	local place name device port
	witnesses=
	for place in $places; do
		IFS=: read -r name device port <<<"$place"
		launch "${!name}" "$HOME/$name" "$tests/capture/witness.py" "$device"
		witnesses="$witnesses $launched"
		wait_for 20 witness_is_ready "$name"
	done
}

has_lines()
{
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# witnesses_end COUNT: so many packets were sent, to the five ports in turn.
witnesses_end()
{
	local place name device port
	for place in $places; do
		IFS=: read -r name device port <<<"$place"
		{
			echo ready
			seq $((port - 1000)) 5 $(($1 - 1)) | sed "s/^/$port /"
		} >"$HOME/expected"
		wait_for 20 has_lines "$HOME/$name" "$(wc -l <"$HOME/expected")" || true
		diff "$HOME/expected" "$HOME/$name" >"$HOME/difference" || fail "other packets than expected at $device $2: $(head -n 5 "$HOME/difference")"
	done
	# shellcheck disable=SC2086
	kill $witnesses
	# shellcheck disable=SC2086
	wait $witnesses || true
}

ports="1000 1001 1002 1003 1004"

# On one CPU, or the packets might overtake each other.
send_some()
{
	# shellcheck disable=SC2086
	send --count 2000 --cpu 0 $ports >/dev/null
}

witnesses_start
send_some
witnesses_end 2000 "without a capture"

witnesses_start
capture_start -w "$file" udp
send_some
witnesses_end 2000 "with a capture"
capture_end
check_equal "packets captured" 2000 "$(packets)"

# With a filter, a cut and a full ring the way through our programs is another one.
witnesses_start
capture_start -w "$file" -s 20 'udp port 1001 or udp[8:4] = 0x31303034 or ip[len - 1] = 7'
send_some
witnesses_end 2000 "with a capture that filters and cuts"
capture_end

witnesses_start
# shellcheck disable=SC2086
traffic_start --cpu 0 --pause 0.0002 $ports
for _ in 1 2 3 4 5; do
	capture_start -w "$file"
	kill -s INT "$capture"
	capture_join
done
traffic_end
witnesses_end "$(cat "$HOME/sent")" "with captures that came and went"
