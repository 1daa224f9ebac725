# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced after steps.sh by tests of the toolbar: a capture as Wireshark starts it, and its toolbar.
control_out=$HOME/control-out
control_in=$HOME/control-in
said=$HOME/toolbar.said

# The numbers of the controls, as --extcap-interfaces gives them.
filter_control=0
sample_control=1
pause_control=2
log_control=3
help_control=4
action_control=5 # of ABORTED; the other actions' follow

# toolbar_capture ARGUMENT...: a capture of $hook, or of $toolbar_point, with a toolbar; the user has set nothing yet, and `toolbar initialized`
# comes next.
toolbar_capture()
{
	rm -f "$fifo" "$control_out" "$control_in" "$HOME/toolbar.commands"
	mkfifo "$fifo" "$control_out" "$control_in" "$HOME/toolbar.commands"
	: >"$said"
	cat "$fifo" >"$file" &
	reader=$!
	xdpshark --capture --extcap-interface "${toolbar_point:-xdp:$hook}" --fifo "$fifo" --extcap-control-out "$control_out" \
		--extcap-control-in "$control_in" "$@" 2>"$HOME/errors" &
	capture=$!
	"$tests/capture/toolbar.py" "$control_out" "$control_in" <"$HOME/toolbar.commands" >"$said" &
	player=$!
	exec 7>"$HOME/toolbar.commands"
	toolbar_wait '^opened$'
}

# toolbar COMMAND...: see toolbar.py.
toolbar()
{
	echo "$@" >&7
}

# toolbar_wait PATTERN [COUNT]: until the capture has said that so often.
toolbar_wait()
{
	wait_for 20 has_said "$@" || fail "the toolbar was not told $1: $(cat "$said" "$HOME/errors")"
}

has_said()
{
	[ "$(grep -c -e "$1" "$said")" -ge "${2:-1}" ]
}

times_said()
{
	grep -c -e "$1" "$said" || true
}

# toolbar_change COMMAND...: and waits until it is in force.
toolbar_change()
{
	local before
	before=$(times_said '^status 0 XDP: the capture goes on as set')
	toolbar "$@"
	toolbar_wait '^status 0 XDP: the capture goes on as set' $((before + 1))
}

# The capture and its toolbar end.
toolbar_end()
{
	exec 7>&-
	capture_end
	wait "$reader"
	wait_for 10 process_has_ended "$player" || fail "the toolbar's FIFO is not closed"
	wait "$player"
}

# payloads FILE: those of the packets, which are all different.
payloads()
{
	blocks "$1" EPB payload | sort
}

# change_often FILTER FILTER: one and the other in turn, $changes times in all.
change_often()
{
	local round filters=("$@")
	for ((round = 0; round < changes; round++)); do
		toolbar_change set $filter_control "${filters[round % 2]}"
	done
}
