#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A living capture is never mistaken for a dead one, nor a dead one for a living one, whoever looks: from other
# pid and time namespaces, with a /proc that hides processes, when out of descriptors, and whatever a capture's
# user writes into the shared memory.
set -eu
. "$(dirname "$0")/client.sh"
world_create
world_attach "$example"

# lives WHAT: the first capture is in its slot and gets its packets, while another one comes and goes.
lives()
{
	ask first counts 0
	local received=${answer%% *}
	world_send 1001 3
	ask first counts 0
	check_equal "3 packets for the first capture, $1" "$((received + 3)) $((received + 3)) 0" "$answer"
}

# passes WHAT COMMAND...: another capture, started by that command, comes and goes.
passes()
{
	local what=$1
	shift
	client_start passing "$@"
	ask passing open "$hook" $drop
	ask passing attach 0
	lives "$what"
	ask passing look
	lives "after it has looked, $what"
	client_end passing
	wait_for 20 is_not_capturing_more
	lives "after it, $what"
}

# Only the first one's program is in the slot.
is_not_capturing_more()
{
	[ "$(program_in 1)" = "$first" ] && [ -z "$(after "$first")" ]
}

# after PROGRAM: prints the id of the next program, if there is one.
after()
{
	local map
	for map in $(bpftool -j prog show id "$1" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
		bpftool map show id "$map" | grep -q xdpshark_next || continue
		bpftool map dump id "$map" | sed -n 's/^key: 01.*value: //p'
	done
}

# The next capture removes what dead ones have left.
leaves_nothing()
{
	xdpshark capture "$hook" -w "$file" -a drop --duration 0.05 && [ -z "$(slots_taken "$hook")" ]
}

# in_proc OPTIONS COMMAND...: runs it with its own /proc.
in_proc()
{
	local options=$1
	shift
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -c 'mount -t proc -o "$1" proc /proc; shift; exec "$@"' in_proc "$options" "$@"
}

client_start first
ask first open "$hook" $drop
ask first attach 0
first=$(program_in 1)

passes "in another pid namespace" unshare --pid --fork --mount-proc
passes "in another pid namespace with the old /proc" unshare --pid --fork
if unshare --time --monotonic 1000000 true 2>/dev/null; then
	passes "in a time namespace that is ahead" unshare --time --fork --monotonic 1000000 --boottime 1000000
	passes "in a time namespace that is behind" unshare --time --fork --monotonic -200 --boottime -200
fi
client_end first
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"

# The other way round: the first one is where others cannot see it.
for way in "unshare --pid --fork --mount-proc" "unshare --pid --fork" "in_proc hidepid=2"; do
	# shellcheck disable=SC2086
	client_start first $way
	ask first open "$hook" $drop
	ask first attach 0
	first=$(program_in 1)
	passes "with the first one by: $way"
	# The first process of a pid namespace takes the others with it.
	client_end first
	wait_for 20 leaves_nothing || fail "slots are taken after: $way"
done

# Running out of descriptors at any moment while it looks: at a slot that is not shared, so that nothing is
# loaded.
bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/foreign
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
client_start first
ask first open "$hook" $drop share
ask first attach 0
first=$(program_in 1)
client_start poor
ask poor pid
/usr/bin/python3 -c '
import random, resource, sys
random.seed(1)
while True:
    for limit in (random.randrange(5, 24), 1024):
        resource.prlimit(int(sys.argv[1]), resource.RLIMIT_NOFILE, (limit, 1024))
        for _ in range(random.randrange(2000)):
            pass
' "$answer" 2>/dev/null &
limiter=$!
for ((i = 0; i < 10; i++)); do
	tell poor claim "$hook" $drop 1500
	hear poor
	lives "after somebody was out of descriptors for a while: $answer"
done
kill $limiter
wait $limiter 2>/dev/null || true
client_end poor
client_end first
has_left()
{
	[ "$(program_in 1)" != "$first" ]
}
wait_for 20 has_left || fail "the first capture has not left"
bpftool map delete pinned "$hook" key 1 0 0 0

# What a capture's user writes: zeros, ones, anything. Then it is killed, and nothing but its programs is left.
for byte in 0 1 255; do
	client_start scribbling
	ask scribbling open "$hook" $drop
	ask scribbling attach 0
	ask scribbling fill 0 $byte
	client_start second
	ask second open "$hook" $drop
	ask second attach 0
	wait_for 20 test -n "$(after "$(program_in 1)")" || fail "$byte: the second one is not behind the living first"
	ask scribbling fill 0 $byte
	ask scribbling kill
	ask second look
	client_end second
	client_end scribbling
	leaves_nothing || fail "$byte: no capture after a killed one, or slots are taken: $(slots_taken "$hook")"
done
