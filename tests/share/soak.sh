#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One capture runs for a long time, under traffic, while others come, go and are killed: it and its
# xdpshark-hookd do not grow, and only its own BPF programs and maps are left. Takes XDPSHARK_SECONDS (6).
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/captures.sh"
example_create
samples=$HOME/samples
# Distinguishes the maps of these captures from those of others on the machine.
snaplen=$((60000 + $$ % 20000))
options="-s $snaplen"

# Captures of which something is left in the kernel: each has a map with its configuration, which its programs hold. The
# snapshot length is behind the identity.
left_in_kernel()
{
	local map
	for map in $(bpftool map show | sed -n 's/^\([0-9]*\): array  name hook_bpf.rodata .*/\1/p'); do
		bpftool -j map lookup id "$map" key 0 0 0 0 2>/dev/null || true
		echo
	done | python3 -c '
import json, struct, sys
count = 0
for line in sys.stdin:
    value = json.loads(line).get("value") if line.strip() else None
    if value and struct.unpack_from("=I", bytes(int(byte, 16) for byte in value), 32)[0] == int(sys.argv[1]):
        count += 1
print(count)' "$snaplen"
}

only_one_is_left()
{
	[ "$(left_in_kernel)" = 1 ]
}

resident_kib()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

# The fewest of some looks: each second it opens others for a moment.
descriptors()
{
	local least=1000000 count look
	for look in 1 2 3 4 5 6; do
		count=$(find "/proc/$1/fd" -mindepth 1 | wc -l)
		least=$((count < least ? count : least))
		[ "$look" = 6 ] || read -r -t 0.03 <> <(:) || true
	done
	echo "$least"
}

# Frames without end; each batch is checked.
send_frames()
{
	while [ ! -e "$HOME/over" ]; do
		"$BUILD/tests/share/numbered" "$client" "$server" "$sink" 200000 >"$HOME/sent" || { cp "$HOME/sent" "$HOME/bad"; return 1; }
		cat "$HOME/sent" >>"$HOME/batches"
	done
}

# Two that were there before it, of which one is killed and one ends.
xdpshark capture "$hook" -s $snaplen -v -w /dev/null 2>"$HOME/first.log" &
first=$!
wait_for 20 grep -q '^capturing on' "$HOME/first.log"
first_hookd=$(pgrep -P "$first" -x xdpshark-hookd)
xdpshark capture "$hook" -s $snaplen -v -w /dev/null 2>"$HOME/second.log" &
second=$!
wait_for 20 grep -q '^capturing on' "$HOME/second.log"
xdpshark capture "$hook" -s $snaplen -v -w /dev/null 2>"$HOME/long.log" &
long=$!
wait_for 20 grep -q '^capturing on' "$HOME/long.log"
hookd=$(pgrep -P "$long" -x xdpshark-hookd)
kill -s KILL "$first_hookd" "$first"
wait "$first" 2>/dev/null || true
xdpshark capture "$hook" -s $snaplen -w /dev/null --duration 0.05 2>>"$HOME/errors"
kill -s TERM "$second"
wait "$second"

send_frames &
sender=$!
deadline=$((SECONDS + ${XDPSHARK_SECONDS:-6}))
rounds=0
until [ $SECONDS -ge $deadline ]; do
	run_round
	rounds=$((rounds + 1))
	# The next one cleans up.
	xdpshark capture "$hook" -s $snaplen -w /dev/null --duration 0.05 2>>"$HOME/errors"
	wait_for 20 only_one_is_left || break
	echo "$(resident_kib "$long") $(descriptors "$long") $(resident_kib "$hookd") $(descriptors "$hookd")" >>"$samples"
done 2>>"$HOME/killed"
touch "$HOME/over"
check_equal "captures of which something is left in the kernel after $rounds rounds" 1 "$(left_in_kernel)"
wait $sender || fail "the program did something else: $(cat "$HOME/bad")"
kill -s TERM "$long"
wait "$long" || fail "the long capture ended with status $?: $(cat "$HOME/long.log")"
check_equal "slots" "" "$(slots_taken "$hook")"
tail -n 1 "$HOME/long.log"
echo "$rounds rounds of three captures, $(wc -l <"$HOME/batches") times 200000 frames"
python3 - "$samples" <<'CHECK'
import sys

with open(sys.argv[1], encoding="ascii") as file:
    samples = [tuple(map(int, line.split())) for line in file]
names = ("xdpshark's KiB", "its descriptors", "xdpshark-hookd's KiB", "its descriptors")
for name, values in zip(names, zip(*samples)):
    # What is touched once is touched in the first third.
    start, end = max(values[: len(values) // 3 + 1]), values[-1]
    print(f"{name}: {values[0]} at first, at most {start} in the first third, {end} at last")
    assert end <= start + (2048 if "KiB" in name else 0), f"{name} grow: {values}"
CHECK
