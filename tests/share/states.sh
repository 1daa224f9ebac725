#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every call about a session in every state of it, over the socket of xdpshark-hookd: what is out of turn is refused, and
# changes nothing in the slots; each packet is captured once.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/client.sh"
world_create
world_attach "$example"
drop=2
path=/sys/fs/bpf/moving

map_id()
{
	bpftool -j map show pinned "$1" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2
}
first=$(map_id "$hook")

# repin PIN: the path of the session's hook leads there.
repin()
{
	ln "$1" ${path}_next
	mv ${path}_next $path
}

# Another hook; with its map frozen it takes no programs.
mv "$hook" /sys/fs/bpf/first
bpftool prog load "$example" /sys/fs/bpf/second
mv "$hook" /sys/fs/bpf/other
mv /sys/fs/bpf/first "$hook"
ln "$hook" $path
other=$(map_id /sys/fs/bpf/other)
bpftool map freeze pinned /sys/fs/bpf/other

# session STATE: a client whose session 0 is in that state.
session()
{
	client_start "$1"
	ask "$1" open $path $drop
	[ "$1" = opened ] || ask "$1" attach 0
	case $1 in
	detached) ask "$1" detach 0 ;;
	refused)
		repin /sys/fs/bpf/other
		tell "$1" move 0 "$other"
		hear "$1"
		grep -q '^error.*this map is frozen' <<<"$answer" || fail "a move to a hook that takes nothing: $answer"
		repin "$hook"
		;;
	esac
}

# expect STATE CALL TEXT: what the call answers begins like that.
expect()
{
	local state=$1 call=$2 text=$3 before
	session "$state"
	before=$(slots_taken "$hook")
	# shellcheck disable=SC2086
	tell "$state" $call
	hear "$state"
	case $answer in
	"$text"*) ;;
	*) fail "$call of a session that is $state: expected <$text>, got <$answer>" ;;
	esac
	case $text in
	error*) check_equal "slots after $call of a session that is $state" "$before" "$(slots_taken "$hook")" ;;
	esac
	# It may be looked at in each state.
	ask "$state" look
	if [ "$(slots_taken "$hook")" = 1 ]; then
		ask "$state" counts 0
		local received=${answer%% *}
		world_send 1001 4
		ask "$state" counts 0
		check_equal "4 packets after $call of a session that is $state" $((received + 4)) "${answer%% *}"
	fi
	client_end "$state"
	wait_for 20 is_not_capturing "$hook" || fail "slots are taken after $call of a session that was $state"
}

once="error the capture on hook $path can be attached once only"
no_move="error the capture on hook $path is not attached: it cannot move"
no_detach="error the capture on hook $path is not attached: it cannot be detached"
ok=ok
while read -r state attach move detach; do
	expect "$state" "attach 0" "${!attach}"
	expect "$state" "move 0 $first" "${!move}"
	expect "$state" "detach 0" "${!detach}"
	expect "$state" "attach 1" "error there is no capture 1"
	expect "$state" "move 1 $first" "error there is no capture 1"
	expect "$state" "detach 1" "error there is no capture 1"
done <<TABLE
opened ok no_move no_detach
attached once ok ok
refused once ok ok
detached once no_move no_detach
TABLE
