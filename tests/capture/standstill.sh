#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever stands still, a capture ends within 10 s of being asked to, and what it has written is whole. That is
# the reader of standard error, of the log or of the output, a terminal, xdpshark-hookd, and all of them
# together.
set -eu
. "$(dirname "$0")/steps.sh"
bin=$HOME/bin
world_create
# Also kills what is not our child, or is stopped.
cleanup()
{
	local process
	for process in $(pgrep -f "^/bin/sh $bin/") $(cat "$HOME/pid" 2>/dev/null); do
		kill -s KILL "$process" 2>/dev/null || true
	done
	world_remove
}
trap cleanup EXIT
world_attach "$example"
traffic_start --burst 20 --pause 0.001 1001 1002

# full PIPE: fills the pipe, with a reader that reads nothing until its process ends.
full()
{
	[ -p "$1" ] || mkfifo "$1"
	python3 - "$1" <<'PYTHON' &
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)
try:
    while True:
        os.write(fd, b"x" * 4096)
except BlockingIOError:
    open(sys.argv[1] + ".full", "w")
time.sleep(600)
PYTHON
	wait_for 20 test -e "$1.full"
	rm "$1.full"
}

# ends STATUS [SIGNAL]: the capture ends in the promised time after the signal.
ends()
{
	local expected=$1 begin=$SECONDS status=0
	kill -s "${2:-TERM}" "$capture"
	wait_for 20 process_has_ended "$capture" || fail "the capture does not end"
	# On an idle machine.
	[ $((SECONDS - begin)) -le $((10 + patience)) ] || fail "the capture ends after $((SECONDS - begin)) s"
	wait "$capture" || status=$?
	check_equal "status" "$expected" "$status"
}

has_packets()
{
	kill -0 "$capture" 2>/dev/null || fail "the capture has ended"
	[ "$(stat -c %s "$file")" -gt "${1:-10000}" ]
}

# hookd_of PID: the xdpshark-hookd of a capture.
hookd_of()
{
	pgrep -P "$1" -x xdpshark-hookd
}

stop_hookd()
{
	hookd=$(hookd_of "$capture") || fail "no xdpshark-hookd"
	kill -s STOP "$hookd"
}

# When it goes on, it notices that nobody needs it any more.
continue_hookd()
{
	kill -s CONT "$hookd"
	wait_for 20 is_not_capturing || fail "slots stay taken"
}

check_still()
{
	check_equal "ISBs" 1 "$(blocks "$file" ISB interface | wc -l)"
	check_sums
	[ "$(packets)" -gt 10 ] || fail "no packets in the file"
}

echo "-- standard error, for programs and for people"
errors=$HOME/errors-pipe
full "$errors"
for options in --json -v "-v --log-level debug"; do
	for signal in INT TERM; do
		# shellcheck disable=SC2086
		xdpshark capture "$hook" $options -w "$file" 2>"$errors" &
		capture=$!
		wait_for 20 is_capturing || fail "no capture with $options"
		wait_for 20 has_packets
		ends 0 $signal
		check_still
	done
done

echo "-- a terminal that somebody has stopped"
cat >"$HOME/terminal.py" <<'PYTHON'
import fcntl, os, pty, subprocess, sys
master, slave = pty.openpty()
os.set_blocking(slave, False)
try:
    while True:
        os.write(slave, b"x" * 1000)
except BlockingIOError:
    os.set_blocking(slave, True)
capture = subprocess.Popen(sys.argv[2:], stderr=slave)
print(capture.pid, file=open(sys.argv[1], "w"), flush=True)
sys.exit(capture.wait())
PYTHON
python3 "$HOME/terminal.py" "$HOME/pid" xdpshark capture "$hook" -v -w "$file" &
terminal=$!
wait_for 20 test -s "$HOME/pid"
capture=$(cat "$HOME/pid")
wait_for 20 is_capturing || fail "no capture on a terminal"
wait_for 20 has_packets
kill "$capture"
wait_for 10 process_has_ended $terminal || fail "the capture on a stopped terminal does not end"
wait $terminal || fail "the capture on a stopped terminal failed"
check_still
rm "$HOME/pid"

echo "-- the log"
full "$HOME/log-pipe"
capture_start -w "$file" --log-file "$HOME/log-pipe" --log-level debug
wait_for 20 has_packets
ends 0
check_still

echo "-- xdpshark-hookd"
capture_start -w "$file"
wait_for 20 has_packets
stop_hookd
ends 1
check_equal "what is said" "xdpshark: xdpshark-hookd (process $hookd) is stopped and does not answer (during detach-sessions): let it go on (kill -CONT $hookd) or end it (kill -KILL $hookd): what was captured is written, but until then this capture's programs stay in the hook's slots, where they copy nothing any more" "$(cat "$HOME/errors")"
check_still
continue_hookd

echo "-- xdpshark-hookd, a while after it was asked for news"
capture_start -w "$file" --json
stop_hookd
has_counted()
{
	[ "$(grep -c '^{"final":false' "$HOME/errors")" -ge 3 ]
}
wait_for 20 has_counted || fail "no counts while xdpshark-hookd stands still"
ends 1
check_still
continue_hookd

echo "-- all of them"
fifo_create
exec 5<>"$fifo"
xdpshark capture "$hook" --json -B 1 -w "$fifo" --log-file "$HOME/log-pipe" 2>"$errors" &
capture=$!
wait_for 20 is_capturing || fail "no capture"
before=$(server_received)
wait_for 20 server_has_received $((before + 3000))
stop_hookd
ends 1
exec 5<&-
continue_hookd

echo "-- an xdpshark-hookd that stands still from the start"
mkdir "$bin"
cp "$(command -v xdpshark)" "$bin"
cat >"$bin/xdpshark-hookd" <<'SCRIPT'
#!/bin/sh
exec </dev/null >/dev/null 2>&1
kill -s STOP $$
SCRIPT
chmod +x "$bin/xdpshark-hookd"
cp "$file" "$HOME/before"
for words in "capture $hook -w $file" list "--extcap-interface xdp:$hook --extcap-capture-filter udp"; do
	# shellcheck disable=SC2086
	timeout 120 "$bin/xdpshark" $words >"$HOME/stdout" 2>"$HOME/errors" && status=0 || status=$?
	[ $status -lt 124 ] || fail "$words does not end"
	case $words in
	--extcap*) continue ;;
	esac
	check_equal "status of $words" 1 $status
	grep -qE '^xdpshark: xdpshark-hookd \(process [0-9]+\) is stopped and does not answer \(during (open-points|list-points|survey)\): let it go on' "$HOME/errors" ||
		fail "$words says: $(cat "$HOME/errors")"
done
cmp "$HOME/before" "$file" || fail "the file is not what it was"
traffic_end
