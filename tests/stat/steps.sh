# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by the scripts here. Each runs as `tests/sandbox BUILD SCRIPT`.
. "$(dirname "${BASH_SOURCE[0]}")/../capture/steps.sh"
out=$HOME/out

# stat_launch ARGUMENT...: xdpshark stat in the background; $capture is its pid, $out what it prints.
stat_launch()
{
	xdpshark stat "$@" >"$out" 2>"$HOME/errors" </dev/null &
	capture=$!
}

# stat_start ARGUMENT...: it counts all actions of $hook, from its first packet on.
stat_start()
{
	stat_launch "$hook" "$@"
	capture_wait
}

# stat_end [SIGNAL]: it ends well, and says nothing on standard error.
stat_end()
{
	capture_end "${1:-TERM}"
}

# totals FILE [ACTION...]: "packets bytes" of each action, by the last line of JSON.
totals()
{
	python3 - "$@" <<'PYTHON'
import json, sys
with open(sys.argv[1], encoding="ascii") as file:
    lines = [json.loads(line) for line in file]
assert [line["final"] for line in lines] == [False] * (len(lines) - 1) + [True], lines
for earlier, later in zip(lines, lines[1:]):
    assert earlier["seconds"] < later["seconds"] and later["interval"] > 0, lines
actions = lines[-1]["points"][0]["actions"]
print(*(f"{actions[name]['packets']} {actions[name]['bytes']}" for name in sys.argv[2:] or actions))
PYTHON
}
