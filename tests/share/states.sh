#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every call about a session in each of its states, over the socket of xdpshark-hookd: calls out of turn are
# refused and change nothing in the slots; each packet is captured once.
set -eu
. "$(dirname "$0")/client.sh"
world_create
world_attach "$example"
path=$hook
first=$(bpftool -j map show pinned "$hook" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)

# session STATE: a client whose session 0 is in that state.
session()
{
	client_start "$1"
	ask "$1" open $path $drop
	[ "$1" = opened ] || ask "$1" attach 0
	case $1 in
	detached) ask "$1" detach 0 ;;
	adrift)
		# A program that uses the hook as a jump table, for a moment.
		bpftool prog loadall "$BUILD/tests/programs/table.bpf.o" /sys/fs/bpf/late map name array pinned "$hook"
		wait_for 20 slot_is_empty || fail "the session has not left its hook"
		rm -r /sys/fs/bpf/late /sys/fs/bpf/array
		;;
	esac
}

# As a jump table it is not listed.
slot_is_empty()
{
	! bpftool -j map lookup pinned "$hook" key 1 0 0 0 2>/dev/null | grep -q '"value"'
}

# expect STATE CALL TEXT: the answer to the call begins with TEXT.
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
no_change="error the capture on hook $path is not attached: it cannot change"
no_detach="error the capture on hook $path is not attached: it cannot be detached"
nobody="error there is no capture 1"
ok=ok
while read -r state attach move change detach; do
	expect "$state" "attach 0" "${!attach}"
	expect "$state" "move 0 $first" "${!move}"
	expect "$state" "change 0" "${!change}"
	expect "$state" "detach 0" "${!detach}"
	# All of them, or none.
	expect "$state" "attach 0 0" "$once"
	expect "$state" "detach 0 0" "${!detach}"
	expect "$state" "attach 0 1" "$nobody"
	expect "$state" "detach 0 1" "$nobody"
	expect "$state" "move 1 $first" "$nobody"
	expect "$state" "change 1" "$nobody"
done <<TABLE
opened ok no_move no_change no_detach
attached once ok ok ok
adrift once ok no_change ok
detached once no_move no_change no_detach
TABLE

# If one cannot be attached, the others are not either, except those attached before.
client_start several
for ((i = 0; i < 3; i++)); do
	ask several open "$hook" $drop
done
ask several attach 1
tell several attach 0 2 1
hear several
check_equal "attaching one twice, among others" "$once" "$answer"
world_send 1001 2
for ((i = 0; i < 3; i++)); do
	ask several counts $i
	check_equal "2 packets of session $i" "$((i == 1 ? 2 : 0))" "${answer%% *}"
done
ask several attach 0 2
tell several detach 0 1 2 3
hear several
check_equal "detaching what there is not, among others" "error there is no capture 3" "$answer"
world_send 1001 2
for ((i = 0; i < 3; i++)); do
	ask several counts $i
	check_equal "2 more packets of session $i" "$((i == 1 ? 4 : 2))" "${answer%% *}"
done
ask several detach 2 0 1
is_not_capturing "$hook" || fail "slots are taken"
client_end several
