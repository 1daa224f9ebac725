#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets on a terminal, a line each with the action in front: by tshark or without, with tcpdump's options, alone or
# while they are written to a file, and never at the cost of that, of the capture's end, or of root's rights.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"
out=$HOME/out
mkdir "$HOME/empty"

# on_terminal LINES KEYS WORD...: xdpshark on a terminal of its own, until it has printed so many lines with ports; then
# these keys are typed. What it printed is in $out.
cat >"$HOME/terminal.py" <<'PYTHON'
import os, pty, select, sys, time
lines, keys, out = int(sys.argv[1]), sys.argv[2], open(sys.argv[3], "wb", buffering=0)
pid, master = pty.fork()
if pid == 0:
    os.execvp("xdpshark", ["xdpshark"] + sys.argv[4:])
text, typed, end = b"", False, time.time() + 50
while time.time() < end:
    if select.select([master], [], [], 0.1)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
        out.write(data.replace(b"\r", b""))
    if not typed and text.count(b"10.9.0.2") >= lines:
        os.write(master, keys.encode().decode("unicode_escape").encode())
        typed = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
on_terminal()
{
	: >"$out"
	python3 "$HOME/terminal.py" "$1" "$2" "$out" capture "$hook" "${@:3}" &
	terminal=$!
	capture=$terminal
	wait_for 30 is_capturing "$hook" || fail "no capture: $(cat -v "$out")"
	send --count 3 --size 30 1000 1001 1002 >/dev/null
	wait_for 40 process_has_ended "$terminal" || fail "it does not end: $(cat -v "$out")"
	wait "$terminal" || fail "status $?: $(cat -v "$out")"
	check_equal "slots" "" "$(slots_taken "$hook")"
}

# actions_in FILE
actions_in()
{
	sed -n 's/^\(\x1b\[[0-9;]*m\)\?\(ABORTED\|DROP\|PASS\|TX\|REDIRECT\) .*/\1\2/p' "$1" | cat -v | paste -sd ' '
}

# Ctrl-C ends it.
on_terminal 3 '\x03' -n
check_equal "actions on a terminal" "^[[1;35mABORTED ^[[31mDROP ^[[32mPASS" "$(actions_in "$out")"
check_equal "counts" 1 "$(grep -c "received 3 " "$out")"
NO_COLOR=1 on_terminal 3 '\x03'
check_equal "actions with NO_COLOR" "ABORTED DROP PASS" "$(actions_in "$out")"
on_terminal 3 '\x03' --color never
check_equal "actions with --color never" "ABORTED DROP PASS" "$(actions_in "$out")"

# A terminal that is paused (Ctrl-S) keeps nothing from ending.
: >"$out"
python3 "$HOME/terminal.py" 3 '\x13' "$out" capture "$hook" -n &
terminal=$!
capture=$terminal
wait_for 30 is_capturing "$hook" || fail "no capture: $(cat -v "$out")"
traffic_start --size 1400 --burst 4 --pause 0.002 1001
has_lines()
{
	[ "$(grep -c '10\.9\.0\.2' "$out")" -ge 3 ]
}
wait_for 20 has_lines || fail "nothing is printed"
paused=$(pgrep -P "$terminal" -x xdpshark)
kill "$paused"
wait_for 20 is_not_capturing "$hook" || fail "the slots stay taken"
wait_for 20 process_has_ended "$paused" || fail "the capture does not end"
traffic_end
# What prints ends with the terminal.
printers=$(pgrep -s "$paused" -x xdpshark || true)
kill -s KILL "$terminal"
for each in $printers; do
	wait_for 20 process_has_ended "$each" || fail "what prints stays behind"
done

# printed WORD...: three packets through a pipe; $lines is what was printed.
capture_prints()
{
	kill -0 "$capture" 2>/dev/null || fail "the capture has ended: $(cat "$HOME/errors")"
	[ "$(grep -c '10\.9\.0\.2' "$out")" -ge 3 ]
}
printed()
{
	rm -f "$out"
	"${prefix[@]}" capture "$hook" --print "$@" >"$out" 2>"$HOME/errors" &
	capture=$!
	wait_for 30 is_capturing "$hook" || fail "no capture: $(cat "$HOME/errors")"
	send --count 3 --size 30 1000 1001 1002 >/dev/null
	wait_for 30 capture_prints || fail "nothing is printed: $(cat "$out" "$HOME/errors")"
	kill "$capture"
	wait "$capture" || fail "it failed: $(cat "$HOME/errors")"
	check_equal "actions with $*" "ABORTED DROP PASS" "$(actions_in "$out")"
	check_equal "what is said with $*" "" "$(cat "$HOME/errors")"
}

# matches PATTERN: of the dropped packet.
matches()
{
	grep -q -- "^DROP     $1" "$out" || fail "not <$1>: $(cat "$out")"
}

program=$(command -v xdpshark)
day='[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.[0-9]\{9\}'
mac=$(device_address "$client" client0)
for by in tshark us; do
	prefix=(env "$program")
	[ $by = tshark ] || prefix=(env PATH="$HOME/empty" "$program")
	printed -n
	matches "$day .*10\.9\.0\.1.*10\.9\.0\.2"
	grep -q 1001 "$out" || fail "no port"
	printed -nt
	matches ' *10\.9\.0\.1'
	printed -ntt
	matches '[0-9]\{10\}\.[0-9]\{9\} '
	printed -n -t -tt
	matches '0\.[0-9]\{9\} '
	printed -ntttt
	matches "[0-9]\{4\}-[0-9][0-9]-[0-9][0-9] $day"
	printed -nttttt
	matches '0\.[0-9]\{9\} '
	printed -ne
	matches ".*$mac"
	printed -n '-#'
	matches ' *2 '
	for letter in x X A; do
		printed -n$letter
		grep -q '^0010  ' "$out" || fail "no bytes with -$letter: $(cat "$out")"
	done
done
printed
check_equal "our own lines" 3 "$(grep -c "^[A-Z]* * $day 10\.9\.0\.1:[0-9]* > 10\.9\.0\.2:100[0-2] UDP 72\$" "$out")"
check_run 0 env PATH="$HOME/empty" "$program" capture "$hook" --print --duration 0.1 -V
check_equal "what is said" "xdpshark: there is no tshark here: lines are xdpshark's own, without what -V, -S and -o are for" "$(cat "$HOME/stderr")"
prefix=(xdpshark)
printed -nV
grep -q '^ *Source Port: ' "$out" || fail "no details with -V"
grep -q '^XDP' "$out" || fail "the plugin is not loaded: $(cat "$out")"
printed -no udp.check_checksum:TRUE

# Both: the file has everything, and so do the lines.
printed -n -w "$file"
check_equal "packets in the file" 3 "$(packets)"
check_sums
# Without --print, a pipe gets pcapng as before.
xdpshark capture "$hook" --duration 0.1 2>/dev/null | cat >"$file"
check_equal "interfaces" 1 "$(blocks "$file" IDB snaplen | wc -l)"

# Who prints, and tshark, are not root.
xdpshark capture "$hook" --print >"$out" 2>/dev/null &
capture=$!
capture_wait
users()
{
	for each in $(pgrep -P "$capture" -x xdpshark) $(pgrep -P "$(pgrep -P "$capture" -x xdpshark)"); do
		awk '/^Uid/ { print $2 $3 $4 $5 } /^Cap(Prm|Eff)/ { print $2 }' "/proc/$each/status"
	done | sort -u | paste -sd ' '
}
has_tshark()
{
	pgrep -P "$(pgrep -P "$capture" -x xdpshark)" -x tshark >/dev/null
}
wait_for 20 has_tshark || fail "no tshark"
account=$(id -u tcpdump 2>/dev/null || id -u nobody)
check_equal "users and capabilities" "0000000000000000 $account$account$account$account" "$(users)"
children="$(pgrep -P "$capture" -x xdpshark) $(pgrep -P "$(pgrep -P "$capture" -x xdpshark)")"
kill -s KILL "$capture"
for each in $children; do
	wait_for 20 process_has_ended "$each" || fail "process $each stays behind"
done

# Somebody who has seen enough.
traffic_start --burst 4 --pause 0.01 1001
with_limit xdpshark capture "$hook" --print -n 2>/dev/null | head -n 1 >"$out"
check_equal "first line" DROP "$(actions_in "$out")"

# Whoever prints stands still: the file has everything all the same, and it ends.
mkfifo "$HOME/stuck"
sleep 600 <"$HOME/stuck" &
reader=$!
capture_launch "$hook" --print --json -w "$file" >"$HOME/stuck"
has_many()
{
	[ -s "$file" ] && [ "$(stat -c %s "$file")" -gt 8000000 ]
}
traffic_end
traffic_start --size 1400 --burst 32 --pause 0.001 1001
wait_for 60 has_many || fail "the file does not grow"
traffic_end
kill "$capture"
wait_for 60 process_has_ended "$capture" || fail "the capture does not end"
wait "$capture" || fail "$(cat "$HOME/errors")"
kill "$reader"
check_sums
check_equal "lost" 0 "$(statistics dropped)"
grep -q '[0-9]* packets are written, but not printed: that was too slow for all of them' "$HOME/errors" || fail "$(cat "$HOME/errors")"

# What does not go together, and what is for others.
refused()
{
	local text=$1
	shift
	check_refusal 2 "xdpshark: $text" xdpshark capture "$hook" "$@"
}
refused "--print prints where -w - writes: name a file (-w FILE)" --print -w -
refused "--print needs actions, which pcap has no place for: write pcapng" --print --pcap
refused "--color: 'red' is none of auto, always, never" --color red
check_run 0 xdpshark capture "$hook" --print --duration 0.1 -K -T fields
check_equal "what is said" "xdpshark: packets are not printed like that here: -K -T fields is for a reader of its own (write to a file, then tcpdump -r FILE -K -T fields)" "$(cat "$HOME/stderr")"
