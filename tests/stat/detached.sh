#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A count that was detached says so, in each form, and fails if it is so at its end; it moves on to the hook of a new
# version of the program; hooks that cannot be counted do not keep others.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
metrics=$HOME/xdp.prom

says()
{
	grep -q "$1" "$2"
}

# Somebody overwrites a slot.
bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/foreign
xdpshark stat "$hook" -o "$metrics" -i 0.1 2>"$HOME/other_errors" &
other=$!
stat_launch "$hook" --json -i 0.1
wait_for 20 says '"final"' "$out"
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
wait_for 20 says 'xdpshark_detached.*DROP"} 1' "$metrics"
wait_for 20 says '"DROP":{[^}]*"detached":true' "$out"
wait_for 20 says '"message":"hook .*slot DROP was overwritten with' "$HOME/errors"
status=0
kill "$capture"
wait "$capture" || status=$?
check_equal "status" 1 "$status"
says "it was detached from hook $hook since .*: the counts lack those packets" "$HOME/errors" ||
	fail "what is said at the end: $(cat "$HOME/errors")"
# It is put back when that is gone.
bpftool map delete pinned "$hook" key 1 0 0 0
wait_for 20 says 'xdpshark_detached.*DROP"} 0' "$metrics"
kill "$other"
wait "$other" || fail "the other one failed: $(cat "$HOME/other_errors")"
check_equal "slots" "" "$(slots_taken "$hook")"

# A hook that cannot be counted is left out where it was not named.
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
check_run 1 xdpshark stat "$hook" -n 1 -i 0.1
mkdir /sys/fs/bpf/old
mv "$hook" /sys/fs/bpf/old/first
bpftool prog load "$example" /sys/fs/bpf/third
check_run 0 xdpshark stat --json -n 1 -i 0.1
check_equal "hooks" "[\"$hook\"]" "$(jq -c '[.points[].hook]' "$HOME/stdout")"
grep -q '"message":"/sys/fs/bpf/old/first is not counted: ' "$HOME/stderr" || fail "not said: $(cat "$HOME/stderr")"
rm "$hook"
check_run 1 xdpshark stat -n 1 -i 0.1
grep -q 'there is no hook to count at: each was refused' "$HOME/stderr" || fail "not said: $(cat "$HOME/stderr")"
bpftool map delete pinned /sys/fs/bpf/old/first key 1 0 0 0
rm /sys/fs/bpf/old/first

# A new version of the program with a hook of its own.
on "$server" bpftool net detach xdp dev server0
rm /sys/fs/bpf/example
bpftool prog load "$example" /sys/fs/bpf/example
on "$server" bpftool net attach xdp pinned /sys/fs/bpf/example dev server0
stat_start --json -i 0.1 --follow
send --count 10 --size 58 1001 >/dev/null
rm "$hook" /sys/fs/bpf/example
bpftool prog load "$example" /sys/fs/bpf/example
on "$server" bpftool net detach xdp dev server0
on "$server" bpftool net attach xdp pinned /sys/fs/bpf/example dev server0
wait_for 20 says 'followed to the map that is pinned there now' "$HOME/errors"
send --count 10 --size 58 1001 >/dev/null
kill "$capture"
wait "$capture" || fail "it failed: $(cat "$HOME/errors")"
check_equal "on both hooks" "20 2000" "$(totals "$out" DROP)"

# xdpshark-hookd is killed.
stat_start --json
kill -s KILL "$(pgrep -P "$capture" -x xdpshark-hookd)"
status=0
wait "$capture" || status=$?
check_equal "status" 1 "$status"
says "xdpshark-hookd was killed, and so counting has ended" "$HOME/errors" || fail "not said: $(cat "$HOME/errors")"
check_run 0 xdpshark stat "$hook" -n 1 -i 0.1
check_equal "slots" "" "$(slots_taken "$hook")"
