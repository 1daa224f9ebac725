#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --json prints each second and at the end what became of every packet, by action and outcome, also under loss.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
fifo_create
lines=$HOME/lines

is_reported()
{
	[ "$(wc -l <"$HOME/errors")" -ge "$1" ]
}

capture_launch "$hook" --json -w "$fifo" -B 1 'udp port 1001 or udp port 1002'
exec 3<"$fifo"
capture_wait
before=$(server_received)
# To drop and to pass, and others that the filter rejects; more than the FIFO, the batch and all rings hold.
send --size 1400 --count 48000 --burst 32 1001 1002 >/dev/null
send --size 1400 --count 3200 --burst 32 1003 >/dev/null
wait_for 20 server_has_received $((before + 51200))
reported=$(wc -l <"$HOME/errors")
wait_for 20 is_reported $((reported + 2)) || fail "no statistics each second: $(cat "$HOME/errors")"
cat <&3 >"$file" &
reader=$!
exec 3<&-
kill -s TERM "$capture"
wait_for 60 process_has_ended "$capture" || fail "the capture does not end"
wait "$capture" || fail "the capture failed: $(cat "$HOME/errors")"
wait $reader
cp "$HOME/errors" "$lines"
check_sums

python3 - "$lines" "$(statistics received)" "$(statistics accepted)" "$(statistics dropped)" "$(packets)" <<'CHECK'
import json
import sys

received, accepted, dropped, written = map(int, sys.argv[2:])
with open(sys.argv[1], encoding="ascii") as file:
    lines = [json.loads(line) for line in file]
last = lines[-1]
assert [line["final"] for line in lines] == [False] * (len(lines) - 1) + [True], lines
for line in lines:
    actions = line["actions"].values()
    assert line["received"] == sum(sum(action.values()) for action in actions), line
    assert line["lost"] == sum(a["lost_full"] + a["lost_unreadable"] for a in actions), line
    assert line["matched"] == line["lost"] + sum(a["captured"] for a in actions), line
    assert line["written"] <= line["matched"] - line["lost"], line
for earlier, later in zip(lines, lines[1:]):
    assert earlier["received"] <= later["received"] and earlier["lost"] <= later["lost"], (earlier, later)
assert (last["received"], last["matched"], last["lost"], last["written"]) == (received, accepted, dropped, written), last
assert last["lost"] > 1000, f"only {last['lost']} lost: the test tests nothing"
assert sum(a["lost_unreadable"] for a in last["actions"].values()) == 0, last
assert sum(last["actions"]["DROP"].values()) == sum(last["actions"]["PASS"].values()) == 24000, last
assert last["actions"]["TX"]["rejected"] == 3200, last
CHECK
