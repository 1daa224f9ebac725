#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks of old programs have no slot for REDIRECT: the other four are captured, with a line about it, and asking
# for REDIRECT is refused.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example_old"
check_refusal 1 "xdpshark: hook $hook has 4 slots, and so none for REDIRECT: leave that action out" \
	xdpshark capture "$hook" -w "$file" -a drop,redirect
check_equal "slots" "" "$(slots_taken "$hook")"

# Wireshark's dialog passes all actions when nothing is changed in it.
for actions in "" aborted,drop,pass,tx,redirect; do
	capture_launch "$hook" -w "$file" -a "$actions"
	capture_wait "0 1 2 3"
	before=$(server_received)
	send --count 5 1000 1001 1002 1003 1004 >/dev/null
	wait_for 20 server_has_received $((before + 5))
	kill "$capture"
	wait "$capture" || fail "the capture failed: $(cat "$HOME/errors")"
	check_equal "standard error" "xdpshark: hook $hook: it has 4 slots, and so none for REDIRECT: packets that its program redirects are not captured" "$(cat "$HOME/errors")"
	check_equal "actions with -a '$actions'" "ABORTED DROP PASS TX " \
		"$(blocks "$file" EPB comment | sed 's/xdp action=\([A-Z]*\).*/\1/' | tr '\n' ' ')"
done

# Captures of other actions miss nothing.
capture_launch "$hook" -w "$file" -a drop
capture_wait 1
capture_end
