#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hook is changed by one at a time, through whichever pin, under a lock that outsiders cannot reach. Whoever
# stands still while holding it loses it, and is named. Whoever keeps it does not keep others from leaving.
set -eu
. "$(dirname "$0")/client.sh"
# A /run of our own.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns
world_create
world_attach "$example"
locks=/run/xdpshark
lock=$locks/$(bpftool -j map show pinned "$hook" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
mkdir /sys/fs/bpf/other
ln "$hook" /sys/fs/bpf/other/pin
pins="$hook /sys/fs/bpf/other/pin"

# The list shows a hook once, by one of its pins.
slots_taken()
{
	bpftool map dump pinned "$hook" | sed -n 's/^key: 0\([0-4]\).*value: .*/\1/p' | paste -sd ' '
}

# hold: somebody holds the lock and is busy all the time.
hold()
{
	rm -f "$HOME/held"
	/usr/bin/python3 -c '
import fcntl, os, sys, time
# Whoever had it before may have removed the file since it was opened.
while True:
    lock = os.fdopen(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600), "r+")
    fcntl.flock(lock, fcntl.LOCK_EX)
    if os.fstat(lock.fileno()).st_nlink > 0:
        break
    lock.close()
lock.truncate(0)
open(sys.argv[2], "w")
while True:
    lock.seek(0)
    lock.write("%d %d %d\n" % (os.getpid(), os.getuid(), time.monotonic_ns()))
    lock.flush()
    time.sleep(0.05)
' "$lock" "$HOME/held" &
	holder=$!
	wait_for 20 test -e "$HOME/held"
}

let_go()
{
	kill $holder
	wait $holder 2>/dev/null || true
}

# A signal takes effect a moment later.
process_stands()
{
	grep -q '^State:[[:space:]]*T' "/proc/$1/status"
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

echo "-- the folder is root's"
xdpshark capture "$hook" -w "$file" --duration 0.05
check_equal "$locks" "drwx------ root root" "$(stat -c '%A %U %G' $locks)"
check_equal "locks that nobody holds" "" "$(find $locks -name '[0-9]*')"

echo "-- two pins of one map have one lock"
hold
started=()
for pin in $pins; do
	xdpshark capture "$pin" -v -w "$HOME/captured.${#started[@]}" -a drop 2>"$HOME/errors.${#started[@]}" &
	started+=($!)
done
for ((i = 0; i < 20; i++)); do
	check_equal "slots while somebody has the lock" "" "$(slots_taken "$hook")"
done
let_go
for i in 0 1; do
	wait_for 20 grep -q '^capturing on' "$HOME/errors.$i" || fail "no capture: $(cat "$HOME/errors.$i")"
done
world_send 1001 3

echo "-- whoever holds it for long is named, and keeps nobody from leaving"
hold
check_refusal 1 "xdpshark: hook $hook: others keep starting and ending captures on it, most recently xdpshark-hookd (process $holder of user 0): try again" \
	xdpshark capture "$hook" -w "$HOME/refused" -a drop
before=$(now_ms)
kill "${started[@]}"
for i in 0 1; do
	wait_for 20 process_has_ended "${started[i]}" || fail "the capture does not end: $(cat "$HOME/errors.$i")"
	wait "${started[i]}" || fail "$(cat "$HOME/errors.$i")"
	check_equal "packets of capture $i" 3 "$(packets "$HOME/captured.$i")"
done
[ $(($(now_ms) - before)) -lt 15000 ] || fail "it took the captures $(($(now_ms) - before)) ms to end"
let_go
check_equal "slots" "" "$(slots_taken "$hook")"

echo "-- one that is stopped loses it"
bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/foreign
client_start staying
ask staying open "$hook" $drop
ask staying attach 0
client_start stopped
ask stopped pid
stopped=$answer
bpftool map update pinned "$hook" key 2 0 0 0 value pinned /sys/fs/bpf/foreign
tell stopped claim "$hook" 6 100000
caught=
for ((i = 0; i < 1000; i++)); do
	kill -s STOP "$stopped"
	wait_for 20 process_stands "$stopped"
	# Its name is in there a moment after it has the lock.
	if [ -e "$lock" ] && ! flock -n "$lock" true && grep -q "^$stopped " "$lock"; then
		caught=yes
		break
	fi
	kill -s CONT "$stopped"
	read -r -t 0.00$((i % 10)) <> <(:) || true
done
[ -n "$caught" ] || fail "xdpshark-hookd was never stopped while it had the lock"
before=$(now_ms)
xdpshark capture "$hook" -v -w "$file" -a drop --duration 0.05 2>"$HOME/errors" || fail "$(cat "$HOME/errors")"
echo "the next capture took $(($(now_ms) - before)) ms"
kill -s CONT "$stopped"
# Whoever saw it first, which may be the one that looks after its slots each second.
ask staying look
grep -q "hook $hook: xdpshark-hookd (process $stopped of user 0) has held its lock for more than 1 s, as if it were stopped" \
	"$HOME/errors" - <<<"$answer" || fail "nobody says who held the lock: $(cat "$HOME/errors"); $answer"
world_send 1001 2
ask staying counts 0
check_equal "packets of a capture that was there before" "2 2 0" "$answer"
kill -s KILL "$stopped"
client_end stopped
client_end staying
bpftool map delete pinned "$hook" key 2 0 0 0
wait_for 20 is_not_capturing || fail "slots are taken"

echo "-- outsiders hold what they can reach"
chmod 1777 /sys/fs/bpf /sys/fs/bpf/other
for folder in /sys/fs/bpf /sys/fs/bpf/other /run; do
	setpriv --reuid 65534 --regid 65534 --clear-groups flock -F "$folder" sleep 60 &
	outsiders="${outsiders:-} $!"
done
if setpriv --reuid 65534 --regid 65534 --clear-groups flock -n $locks true 2>/dev/null; then
	fail "an outsider locks $locks"
fi
for pin in $pins; do
	xdpshark capture "$pin" -w "$file" --duration 0.05 || fail "outsiders keep a capture out"
done
# shellcheck disable=SC2086
kill $outsiders

echo "-- a folder that is not root's alone is refused"
# folder_refused WHAT
folder_refused()
{
	check_refusal 1 "xdpshark: the locks of hooks are kept in $locks, which must be a folder of root alone, of mode 0700: $1: as root, remove it and 'install -d -m 0700 $locks'" \
		xdpshark capture "$hook" -w "$HOME/refused"
	check_equal "slots" "" "$(slots_taken "$hook")"
}
chmod 711 $locks
folder_refused "its mode is 0711"
chmod 700 $locks
chown 65534 $locks
folder_refused "it belongs to user 65534"
rmdir $locks
mkdir -m 700 "$HOME/elsewhere"
ln -s "$HOME/elsewhere" $locks
folder_refused "it is a symbolic link or not a folder"
check_equal "files where the link leads" "" "$(ls "$HOME/elsewhere")"
rm $locks
touch $locks
folder_refused "it is a symbolic link or not a folder"
rm $locks
xdpshark capture "$hook" -w "$file" --duration 0.05
echo mine >"$HOME/mine"
ln -s "$HOME/mine" "$lock"
check_refusal 1 "xdpshark: hook $hook: cannot open its lock $lock: Too many levels of symbolic links: remove that" \
	xdpshark capture "$hook" -w "$HOME/refused"
check_equal "a file that a lock leads to" mine "$(cat "$HOME/mine")"
rm "$lock"
# A folder that becomes unusable during a capture keeps nobody from leaving.
capture_launch "$hook" -w "$file" -a drop
capture_wait 1
chmod 755 $locks
kill "$capture"
wait_for 20 process_has_ended "$capture"
wait "$capture" || fail "$(cat "$HOME/errors")"
check_equal "slots" "" "$(slots_taken "$hook")"
