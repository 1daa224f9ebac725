#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture that is no longer in its slots says so within two seconds: on standard error, in the log, in the
# status and in the file. It fails if that is still so at its end. Only packets sent in the meantime are
# missing.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
bpftool prog load "$BUILD/tests/programs/pass_linear.bpf.o" /sys/fs/bpf/foreign
foreign=$(bpftool -j prog show pinned /sys/fs/bpf/foreign | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
clock='[0-2][0-9]:[0-5][0-9]:[0-5][0-9]'

put_foreign()
{
	bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
}

empty()
{
	bpftool map delete pinned "$hook" key 1 0 0 0
}

has_said()
{
	grep -qE "$1" "$HOME/errors"
}

# says REGEX: on standard error, without -v, and in the log. How soon, the status in JSON shows below.
says()
{
	wait_for 20 has_said "$1" || fail "not said: $1: $(cat "$HOME/errors")"
	grep -qE "$1" "$HOME/log" || fail "not in the log: $1"
	check_equal "how often it is said: $1" 1 "$(grep -cE "$1" "$HOME/errors")"
}

# begin ARGUMENT...: a capture of DROP that has got one packet.
begin()
{
	rm -f "$HOME/log"
	capture_launch "$hook" -w "$file" -a drop --log-file "$HOME/log" "$@"
	capture_wait 1
	world_send 1001 1
}

# finish STATUS [REGEX]: ends it.
finish()
{
	local status=0
	kill "$capture"
	wait_for 20 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || status=$?
	check_equal "exit status ($(cat "$HOME/errors"))" "$1" "$status"
	[ -z "${2:-}" ] || has_said "$2" || fail "not said at the end: $2: $(cat "$HOME/errors")"
}

remark()
{
	blocks "$file" ISB comment
}

# check_remark REGEX
check_remark()
{
	remark | grep -qxE "$1" || fail "statistics in the file: <$(remark)>, not $1"
}

put_back="hook $hook: slot DROP was emptied by somebody; our program was put back after [0-9]+\.[0-9] s; packets in between are missing; captured again since $clock$"
missing="packets are missing since $clock"
overwritten="slot DROP was overwritten with program $foreign \([a-z_]+\), which is not xdpshark's"

echo "-- nothing happens, and nothing is said"
begin
world_send 1001 1
finish 0
check_equal "standard error" "" "$(cat "$HOME/errors")"
check_equal "statistics in the file" - "$(remark)"
check_equal "packets" 2 "$(packets)"

echo "-- its slot is emptied"
begin
# Else it might be put back before the packet comes.
hookd_pid=$(pgrep -P "$capture" -x xdpshark-hookd)
kill -s STOP "$hookd_pid"
empty
world_send 1001 1
kill -s CONT "$hookd_pid"
says "$put_back"
wait_for 20 is_capturing "$hook" 1
world_send 1001 1
finish 0
check_remark 'xdp detached=DROP:[0-9]+\.[0-9]{3}'
check_equal "packets" 2 "$(packets)"
check_equal "lines" 1 "$(wc -l <"$HOME/errors")"

echo "-- in JSON"
begin --json
empty
# From when it is empty for sure.
lines=$(wc -l <"$HOME/errors")
wait_for 20 has_said '"now":false' || fail "the status does not say it: $(cat "$HOME/errors")"
finish 0
# Within two of the capture's own seconds, each of which has a line: no clock of ours says what a slow machine does.
python3 - "$HOME/errors" "${put_back%$}" "$hook" "$lines" <<'CHECK'
import json
import re
import sys

name, text, hook, before = sys.argv[1:]
with open(name, encoding="ascii") as file:
    lines = [json.loads(line) for line in file]
assert [bool(re.fullmatch(text, line["message"])) for line in lines if "message" in line] == [True], lines
seconds = [place for place, line in enumerate(lines) if "message" in line][0] - int(before)
assert seconds <= 2, (seconds, lines)
last, = lines[-1]["detached"]
assert last.pop("ms") > 0 and last == {"hook": hook, "action": "DROP", "now": False, "times": 1}, lines
CHECK

echo "-- a foreign program comes, and is there at the end"
begin
put_foreign
says "hook $hook: $overwritten; $missing: .*--share-foreign"
world_send 1001 1
finish 1 "xdpshark: the capture has ended, but it was detached from hook $hook since $clock: its file misses those packets \($overwritten\)"
check_remark 'xdp detached=DROP:[0-9]+\.[0-9]{3} detached_at_end=DROP'
check_equal "packets" 1 "$(packets)"
check_equal "program in the slot" "$foreign" "$(program_in 1)"
empty

echo "-- it comes in the last moment"
begin
put_foreign
finish 1 "its file misses those packets \($overwritten\)"
empty

echo "-- it comes and goes, emptying the slot as xdpcap does"
begin
put_foreign
says "$overwritten; $missing"
empty
says "hook $hook: slot DROP is captured again since $clock, after [0-9]+\.[0-9] s; packets in between are missing"
world_send 1001 1
finish 0
check_remark 'xdp detached=DROP:[0-9]+\.[0-9]{3}'
check_equal "packets" 2 "$(packets)"

echo "-- the same, before which it may go"
begin --share-foreign
put_foreign
says "$overwritten; our program was put back after [0-9]+\.[0-9] s"
world_send 1001 1
finish 0
check_equal "packets" 2 "$(packets)"
check_equal "program in the slot" "$foreign" "$(program_in 1)"
empty

echo "-- cut off by another capture"
capture_launch "$hook" -w "$HOME/first" -a drop
capture_wait 1
first=$capture
front=$(program_in 1)
begin
for map in $(bpftool -j prog show id "$front" | grep -o '"map_ids":\[[0-9,]*' | grep -o '[0-9]*'); do
	bpftool map show id "$map" | grep -q xdpshark_next && next=$map
done
behind()
{
	bpftool map lookup id "$next" key 1 0 0 0 >/dev/null 2>&1
}
wait_for 20 behind
bpftool map delete id "$next" key 1 0 0 0
says "slot DROP has other captures, but not this one any more, which was cut off; our program was put back after [0-9]+\.[0-9] s"
world_send 1001 1
finish 0
kill "$first"
wait "$first"

echo "-- both are paused, and its slot is emptied meanwhile"
begin
hookd_pid=$(pgrep -P "$capture" -x xdpshark-hookd)
kill -s STOP "$capture" "$hookd_pid"
empty
world_send 1001 1
read -r -t 2 <> <(:) || true
kill -s CONT "$hookd_pid" "$capture"
says "$put_back"
world_send 1001 1
finish 0
check_remark 'xdp detached=DROP:([2-9]|[0-9]{2,})\.[0-9]{3}'
check_equal "packets" 2 "$(packets)"

echo "-- the status for people"
cat >"$HOME/on_terminal.py" <<'PYTHON'
import os, pty, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
os.close(slave)
try:
    while data := os.read(master, 4096):
        os.write(1, data)
except OSError:
    pass
sys.exit(child.wait())
PYTHON
python3 "$HOME/on_terminal.py" xdpshark capture "$hook" -w "$file" -a drop >"$HOME/errors" &
terminal=$!
wait_for 20 is_capturing "$hook" 1
empty
wait_for 20 has_said 'lost 0, detached from DROP for [0-9]+\.[0-9] s, written 0' || fail "the status does not say it: $(cat "$HOME/errors")"
kill "$(pgrep -P "$terminal" -x xdpshark)"
wait "$terminal" || fail "the capture failed: $(cat "$HOME/errors")"

echo "-- no device leads to it, from the start"
on "$server" bpftool net detach xdp dev server0
capture_launch "$hook" -w "$file" -a drop
capture_wait 1
wait_for 20 has_said "hook $hook: no device leads to it at present: no packets come until its program is attached to one$"
finish 0
on "$server" bpftool net attach xdp pinned /sys/fs/bpf/example dev server0

echo "-- the hook's map is frozen"
begin
bpftool map freeze pinned "$hook"
says "hook $hook: its map was frozen during the capture: nobody can change its slots any more"
world_send 1001 1
finish 0 "hook $hook: this capture's programs stay in its slots \(DROP\), as its map is frozen"
check_equal "packets" 2 "$(packets)"
check_equal "statistics in the file" - "$(remark)"
