#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh PROGRAM CORPUS RUNS SECONDS: feeds a libFuzzer target each file of the corpus, and then random changes of them:
# RUNS inputs (-1: no limit) or SECONDS, whichever ends first. XDPSHARK_SEED makes other random changes.
set -euo pipefail
program=$1 corpus=$2 runs=$3 seconds=$4

[ -x "$program" ] || { echo "SKIP: $program was not built: see fuzz.build"; exit 77; }
[ -n "$(ls "$corpus")" ] || { echo "no seeds in $corpus"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir found
# Limits that only what hangs or grows without bound meets, on a slow machine too. Standard output is the target's own.
options=(-timeout=60 -rss_limit_mb=2560 -max_len=8192 -close_fd_mask=1 -verbosity=0 -print_final_stats=1
	-artifact_prefix="$work/")

# keep: a finding is of use only if it is still there.
keep()
{
	local kept
	kept=$(mktemp -d /tmp/xdpshark-fuzz.XXXXXX)
	find "$work" -maxdepth 1 -name '*-*' -exec cp {} "$kept" \;
	echo "the input that did it: $(find "$kept" -type f)"
	exit 1
}

echo "-- the corpus of $(ls "$corpus" | wc -l) files"
"$program" "${options[@]}" -runs=0 "$corpus" 2>log || { tail -n 150 log; keep; }
echo "-- random input, seed ${XDPSHARK_SEED:-1}"
"$program" "${options[@]}" -seed="${XDPSHARK_SEED:-1}" -runs="$runs" -max_total_time="$seconds" found "$corpus" 2>log ||
	{ tail -n 150 log; keep; }
grep -E '^only|stat::(number_of_executed_units|new_units_added|peak_rss_mb)' log
