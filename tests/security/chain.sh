#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Members of the group and outsiders can do nothing to others' captures on the same hook. Two members, an
# outsider, root.
set -eu
. "$(dirname "$0")/../share/client.sh"
command -v setcap >/dev/null || { echo "SKIP: needs setcap (libcap2-bin)"; exit 77; }
# A /run of our own, without the folder of locks.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns
example_create
chmod 1777 /sys/fs/bpf
group=23456
locks=/run/xdpshark
lock=$locks/$(bpftool -j map show pinned "$hook" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)

# As it is installed for a group.
chmod 711 "$(dirname "$HOME")" "$HOME"
bin=$HOME/bin
mkdir "$bin"
cp "$client_program" "$hookd" "$bin"
client_program=$bin/client
root_hookd=$hookd
hookd=$bin/xdpshark-hookd
chgrp $group "$hookd"
chmod 750 "$hookd"
setcap "$(sed -n 's/^set(XDPSHARK_HOOKD_CAPABILITIES "\(.*\)")$/\1/p' "$tests/../extcap/CMakeLists.txt")" "$hookd"

as()
{
	local uid=$1 groups=$2
	shift 2
	setpriv --reuid "$uid" --regid "$uid" "$groups" "$@"
}
alice="as 60001 --groups=$group"
bob="as 60002 --groups=$group"
outsider="as 60003 --clear-groups"

root_start()
{
	hookd=$root_hookd client_start "$@"
}

# gets_packets NAME WHAT: three packets come to a capture, each once.
gets_packets()
{
	local before
	ask "$1" counts 0
	before=${answer%% *}
	world_send 1001 3
	ask "$1" counts 0
	check_equal "3 packets for $1, $2" "$((before + 3)) $((before + 3)) 0" "$answer"
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

echo "-- a member who comes first makes the folder of locks, and it is root's"
# shellcheck disable=SC2086
client_start alice $alice
ask alice open "$hook" $drop
ask alice attach 0
gets_packets alice "alone"
if [ "$(id -u xdpshark 2>/dev/null)" != "$(stat -c %u $locks)" ]; then
	check_equal "$locks" "drwx------ root" "$(stat -c '%A %U' $locks)"
fi
client_end alice
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"

echo "-- a member who cannot see root's processes leaves root's capture alone"
root_start root
ask root open "$hook" $drop
ask root attach 0
for way in hidepid=1 hidepid=2; do
	# shellcheck disable=SC2016,SC2086
	client_start alice unshare --mount --propagation private bash -c 'mount -t proc -o "$1" proc /proc; shift; exec "$@"' hide $way \
		setpriv --reuid 60001 --regid 60001 --groups $group
	ask alice open "$hook" $drop
	ask alice attach 0
	gets_packets root "beside a member with $way"
	gets_packets alice "beside root, with $way"
	client_end alice
done

echo "-- nor out of descriptors at any moment"
bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/foreign
bpftool map update pinned "$hook" key 2 0 0 0 value pinned /sys/fs/bpf/foreign
# shellcheck disable=SC2086
client_start alice $alice
ask alice pid
setpriv --reuid 60001 --regid 60001 --groups=$group /usr/bin/python3 -c '
import random, resource, sys
random.seed(1)
while True:
    for limit in (random.randrange(5, 24), 256):
        resource.prlimit(int(sys.argv[1]), resource.RLIMIT_NOFILE, (limit, 256))
        for _ in range(random.randrange(2000)):
            pass
' "$answer" 2>/dev/null &
limiter=$!
for ((i = 0; i < 4; i++)); do
	# DROP, which root captures, and PASS, which is not shared.
	tell alice claim "$hook" 6 1500
	hear alice
	gets_packets root "beside a member without descriptors"
done
kill $limiter 2>/dev/null || true
wait $limiter 2>/dev/null || true
client_end alice

echo "-- a member who stops inside of the lock keeps nobody out, nor in"
# shellcheck disable=SC2086
client_start bob $bob
ask bob open "$hook" $drop
ask bob attach 0
# shellcheck disable=SC2086
client_start alice $alice
ask alice pid
stopped=$answer
tell alice claim "$hook" 6 50000
caught=
for ((i = 0; i < 500; i++)); do
	$alice kill -s STOP "$stopped" 2>/dev/null || break
	wait_for 20 grep -q '^State:[[:space:]]*T' "/proc/$stopped/status"
	if [ -e "$lock" ] && ! flock -n "$lock" true; then
		caught=yes
		break
	fi
	$alice kill -s CONT "$stopped"
	read -r -t 0.00$((i % 10)) <> <(:) || true
done
echo "${caught:-not }caught in the lock"
before=$(now_ms)
root_start second
ask second open "$hook" $drop
ask second attach 0
gets_packets second "beside a member who stands still"
gets_packets bob "beside one who stands still"
client_end second
client_end bob
only_root_is_left()
{
	[ "$(xdpshark list --json | grep -c '"xdpshark_drop"')" = 1 ] && gets_packets root "after bob and another one have left"
}
wait_for 20 only_root_is_left
[ $(($(now_ms) - before)) -lt 15000 ] || fail "a member delays others by $(($(now_ms) - before)) ms"
kill -s KILL "$stopped"
client_end alice
bpftool map delete pinned "$hook" key 2 0 0 0
gets_packets root "after all have left"

echo "-- an outsider reaches no lock"
for folder in /sys/fs/bpf /run; do
	setpriv --reuid 60003 --regid 60003 --clear-groups flock -F $folder sleep 60 &
	holders="${holders:-} $!"
done
$outsider flock -n $locks true 2>/dev/null && fail "an outsider locks $locks"
$outsider mkdir $locks/0 2>/dev/null && fail "an outsider writes to $locks"
before=$(now_ms)
# shellcheck disable=SC2086
client_start alice $alice
ask alice open "$hook" $drop
ask alice attach 0
[ $(($(now_ms) - before)) -lt 10000 ] || fail "outsiders delay a capture by $(($(now_ms) - before)) ms"
# shellcheck disable=SC2086
kill $holders

echo "-- what a member writes and leaves behind, root removes"
for byte in 0 255; do
	ask alice fill 0 $byte
	# She may not end it herself.
	ask alice pid
	kill -s KILL "$answer"
	gets_packets root "beside what a member left"
	root_start second
	ask second open "$hook" $drop
	ask second attach 0
	gets_packets second "behind what a member left"
	client_end second
	client_end alice
	# shellcheck disable=SC2086
	client_start alice $alice
	ask alice open "$hook" $drop
	ask alice attach 0
done
client_end alice
client_end root
wait_for 20 is_not_capturing "$hook" || fail "slots are taken"
