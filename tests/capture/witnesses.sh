# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests that watch what becomes of each packet: sends numbered packets to all
# five ports, with a listener wherever one should arrive.
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

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

# witnesses_end COUNT: that many packets were sent, to the five ports in turn.
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
