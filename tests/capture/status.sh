#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a capture reports on a terminal: counts each second, but not between the lines that a reader prints;
# nothing with -q.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# Runs a command line with standard error on a terminal; with `terminal`, standard output too. Prints what was on it.
cat >"$HOME/on_terminal.py" <<'PYTHON'
import os, pty, subprocess, sys
master, slave = pty.openpty()
out = slave if sys.argv[1] == "terminal" else subprocess.DEVNULL
child = subprocess.Popen(["bash", "-c", sys.argv[2]], stdin=subprocess.DEVNULL, stdout=out, stderr=slave)
os.close(slave)
try:
    while data := os.read(master, 4096):
        sys.stdout.write(data.decode().replace("\r", ""))
except OSError:
    pass
sys.exit(child.wait())
PYTHON

# reported WHERE COMMAND: the lines, without numbers.
reported()
{
	python3 "$HOME/on_terminal.py" "$@" >"$HOME/lines" || fail "status $?: $2: $(cat "$HOME/lines")"
	sed -e "s,$HOME,HOME,g" -e 's/ on XDP hook .*, pinned/ on it, pinned/' "$HOME/lines" | uniq | paste -sd '|'
}

start="capturing on it, pinned at $hook"
line="received 0, matched 0, lost 0, written 0"
check_equal "into a file" "$start|$line|$line packets to HOME/capture.pcapng" \
	"$(reported terminal "xdpshark capture $hook -w $file --duration 2.5")"
check_equal "into a pipe" "$start|$line packets to standard output" \
	"$(reported terminal "xdpshark capture $hook --duration 2.5 | cat >/dev/null")"
check_equal "into a pipe, named" "$start|$line packets to standard output" \
	"$(reported terminal "xdpshark capture $hook -w - --duration 2.5 | cat >/dev/null")"
check_equal "into a file by the shell" "$start|$line packets to standard output" \
	"$(reported terminal "xdpshark capture $hook --duration 2.5 >$file")"
check_equal "with standard output elsewhere" "$start|$line packets to HOME/capture.pcapng" \
	"$(reported elsewhere "xdpshark capture $hook -w $file --duration 2.5")"
for option in -q --quiet; do
	check_equal "with $option" "" "$(reported terminal "xdpshark capture $hook $option -w $file --duration 2.5")"
done

# Problems are reported all the same: here, that the pin is gone.
capture_start -q -w "$file"
rm "$hook"
has_warned()
{
	grep -q "hook $hook: is no longer pinned there" "$HOME/errors"
}
wait_for 20 has_warned || fail "no warning with -q"
kill "$capture"
wait "$capture" || fail "the capture failed"
check_equal "lines with -q" 1 "$(wc -l <"$HOME/errors")"
check_refusal 1 "xdpshark: $hook: nothing is pinned there (xdpshark list shows the hooks)" xdpshark capture -q "$hook" -w "$file"
for option in --json -v; do
	check_run 2 xdpshark capture -q $option "$hook" -w "$file"
	grep -q -- '--quiet does not go with' "$HOME/stderr" || fail "-q $option: $(cat "$HOME/stderr")"
done
