#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each packet is counted once, with its bytes, by its action: with a filter, some actions, beside captures and other
# counts, for frames in fragments, and on any CPU. Nothing is copied for it.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
all=(1000 1001 1002 1003 1004)

# 28 bytes of UDP over IPv4 and 14 of Ethernet in front of the payload.
stat_start --json -i 0.2
rings=0
for map in $(bpftool -j prog show id "$(program_in 1)" | jq '.map_ids[]'); do
	rings=$((rings + $(bpftool -j map show id "$map" | jq 'select(.name == "xdpshark_segmen") // {} | (.bytes_value // 0) * (.max_entries // 0)')))
done
[ "$rings" -gt 0 ] || fail "no such map was found"
[ "$rings" -le 65536 ] || fail "there are rings of $rings bytes"
send --count 500 --size 58 "${all[@]}" >/dev/null
stat_end INT
check_equal "all actions" "100 10000 100 10000 100 10000 100 10000 100 10000" "$(totals "$out")"

# A filter, and some actions only.
stat_start --json udp port 1001 or port 1003
send --count 50 --size 58 "${all[@]}" >/dev/null
stat_end
check_equal "with a filter" "0 0 10 1000 0 0 10 1000 0 0" "$(totals "$out")"
check_equal "others" 30 "$(tail -n 1 "$out" | jq '.points[0].unmatched')"
stat_launch "$hook" --json -a drop -a tx,PASS -f 'udp port 1001 or port 1002'
capture_wait "1 2 3"
send --count 50 --size 58 "${all[@]}" >/dev/null
stat_end
check_equal "actions" '["DROP","PASS","TX"]' "$(tail -n 1 "$out" | jq -c '.points[0].actions | keys')"
check_equal "with actions" "10 1000 10 1000 0 0" "$(totals "$out")"

# A capture and another count in the same slots, which were there before and come later.
xdpshark capture "$hook" -q -w "$file" &
before=$!
capture=$before
capture_wait
stat_launch "$hook" --json -i 0.1
first=$capture
is_counting()
{
	grep -q '"final"' "$1"
}
wait_for 20 is_counting "$out"
xdpshark stat "$hook" --json -i 0.1 udp port 1004 >"$HOME/other" &
other=$!
wait_for 20 is_counting "$HOME/other"
send --count 100 --size 58 "${all[@]}" >/dev/null
kill "$before"
wait "$before"
send --count 50 --size 58 "${all[@]}" >/dev/null
kill "$first" "$other"
wait "$first"
wait "$other"
check_equal "the capture" 100 "$(packets)"
check_equal "counts beside it" "30 3000 30 3000 30 3000 30 3000 30 3000" "$(totals "$out")"
check_equal "counts beside both" "0 0 0 0 0 0 0 0 30 3000" "$(totals "$HOME/other")"
check_equal "slots" "" "$(slots_taken "$hook")"

# All hooks, in a table for each interval.
xdpshark stat -i 0.3 >"$out" &
capture=$!
capture_wait
send --count 50 --size 58 "${all[@]}" >/dev/null
kill "$capture"
wait "$capture"
headings=$(grep -c '^TIME  *POINT  *INTERFACE  *PROGRAM  *ACTION  *PACKETS/S  *BYTES/S  *PACKETS  *BYTES$' "$out")
[ "$headings" -gt 0 ] || fail "no table: $(cat "$out")"
check_equal "rows" $((headings * 5)) "$(grep -c '^[0-9:]\{8\} ' "$out")"
check_equal "a row" "10 1000" "$(awk -v hook="$hook" '$2 == hook && $5 == "DROP" { print $8, $9 }' "$out" | tail -n 1)"
check_equal "control characters" 0 "$(grep -c '[^[:print:]]' "$out" || true)"

# Who reads no more ends it, and so does -n, --duration and vmstat's way to say it.
check_equal "a reader that ends" 1 "$(timeout 120 xdpshark stat "$hook" --json -i 0.1 | head -n 1 | wc -l)"
check_equal "as vmstat" 3 "$(timeout 120 xdpshark stat --json 0.1 3 | wc -l)"
check_equal "duration" true "$(timeout 120 xdpshark stat "$hook" --json --duration 0.3 | tail -n 1 | jq '.seconds > 0.29')"
wait_for 20 is_not_capturing "$hook"

# Whole frames count, fragments and all, also behind a filter that looks into these.
world_remove
rm "$hook" /sys/fs/bpf/example /sys/fs/bpf/pass
bpftool prog load "$example_frags" /sys/fs/bpf/frags 2>/dev/null || exit 0
rm "$hook" /sys/fs/bpf/frags
world_create 9000
world_attach "$example_frags"
stat_start --json "udp[4000] = 0x20"
send --count 3 --size 6000 1001 >/dev/null
send --count 3 --size 3000 1001 >/dev/null
stat_end
check_equal "fragments" "3 18126" "$(totals "$out" DROP)"
