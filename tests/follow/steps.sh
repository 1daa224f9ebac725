# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced by the scripts here: hooks that change under a running capture.
. "$(dirname "${BASH_SOURCE[0]}")/../capture/steps.sh"

# What the capture has reported.
says()
{
	grep -qF -- "$1" "$HOME/errors"
}

# wait_said TEXT: waits until the capture reports it.
wait_said()
{
	# xdpshark-hookd looks for devices no more than 1 % of the time: rarely if a look takes long.
	wait_for 30 says "$1" || fail "the capture does not say '$1' but: $(cat "$HOME/errors")"
}

# check_said COUNT TEXT
check_said()
{
	check_equal "lines with '$2' in: $(cat "$HOME/errors")" "$1" "$(grep -cF -- "$2" "$HOME/errors")"
}

# finish [STATUS]: ends the capture, or waits for its end if STATUS is not 0.
finish()
{
	local status=0
	[ "${1:-0}" != 0 ] || kill "$capture"
	wait_for 30 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || status=$?
	check_equal "exit status of the capture, which says: $(cat "$HOME/errors")" "${1:-0}" "$status"
	check_sums
	check_equal "interfaces in the file" 1 "$(blocks "$file" IDB name | wc -l)"
}

program_id()
{
	bpftool -j prog show pinned "$1" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2
}

# new_version NAME [OBJECT]: loads the program anew, pinned at /sys/fs/bpf/NAME. Its hook is a new map if
# nothing is pinned at $hook, otherwise the one that is pinned there.
new_version()
{
	bpftool prog load "${2:-$example}" "/sys/fs/bpf/$1"
	world_point_devmap "/sys/fs/bpf/$1"
}

attach()
{
	on "$server" bpftool net attach xdp pinned "/sys/fs/bpf/$1" dev server0 overwrite
}

# send_seen COUNT: sends that many packets for the program to drop, and waits until they have reached it.
send_seen()
{
	local before
	before=$(server_received)
	send --count "$1" 1001 >/dev/null
	wait_for 20 server_has_received $((before + $1))
}

# programs_of_packets: the ids in the packets' comments, with how many packets each has.
programs_of_packets()
{
	blocks "$file" EPB comment | sed 's/.* prog=[^ ]*#\([0-9]*\).*/\1/' | uniq -c | awk '{ print $2 ":" $1 }' | tr '\n' ' '
}
