#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Metrics for Prometheus: promtool and the parser of OpenMetrics accept them, also with hostile names; a file is always
# whole, of mode 0644, and never emptied.
set -eu
. "$(dirname "$0")/steps.sh"
command -v promtool >/dev/null || { echo "SKIP: needs promtool (prometheus)"; exit 77; }
example_create

cat >"$HOME/parse.py" <<'PYTHON'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
with open(sys.argv[1], encoding="utf-8") as file:
    for family in text_string_to_metric_families(file.read()):
        assert family.documentation and family.type in ("summary", "gauge"), family
        for sample in family.samples:
            assert set(sample.labels) == {"hook", "program", "interface", "action"}, sample
            print(sample.name, *sample.labels.values(), int(sample.value), sep="\t")
PYTHON

# check_metrics FILE: $samples are the samples in it.
check_metrics()
{
	promtool check metrics <"$1" >"$HOME/promtool" 2>&1 || fail "promtool: $(cat "$HOME/promtool" "$1")"
	check_equal "promtool says" "" "$(cat "$HOME/promtool")"
	/usr/bin/python3 "$HOME/parse.py" "$1" >"$HOME/samples" || fail "OpenMetrics: $(cat "$1")"
	check_equal "the end" "# EOF" "$(tail -n 1 "$1")"
	check_equal "units" 1 "$(grep -c '^# UNIT ' "$1")"
}

# value NAME ACTION
value()
{
	awk -F '\t' -v name="xdpshark_$1" -v action="$2" '$1 == name && $5 == action { print $6 }' "$HOME/samples"
}

# Once, on standard output.
stat_start --openmetrics -i 0.2 -n 1000
send --count 50 --size 58 1000 1001 1002 1003 1004 >/dev/null
stat_end
check_metrics "$out"
check_equal "families" 2 "$(grep -c '^# TYPE' "$out")"
for action in ABORTED DROP PASS TX REDIRECT; do
	check_equal "packets" 10 "$(value packet_size_bytes_count $action)"
	check_equal "bytes" 1000 "$(value packet_size_bytes_sum $action)"
	check_equal "detached" 0 "$(value detached $action)"
done
check_equal "labels" "$hook	example	$server:server0	DROP" "$(grep -m 1 'count.*DROP' "$HOME/samples" | cut -f 2-5)"

# Into a file that is there already, whose reader never sees half of it, nor an empty one.
metrics=$HOME/metrics/xdp.prom
mkdir "$HOME/metrics"
echo old >"$metrics"
chmod 600 "$metrics"
(umask 077; exec xdpshark stat "$hook" -o "$metrics" -i 0.1 2>"$HOME/errors") &
capture=$!
capture_wait
is_written()
{
	grep -q '^# EOF$' "$metrics"
}
wait_for 20 is_written
launch "$client" "$HOME/sent" "$tests/capture/send.py" --pause 0.01 1001
sender=$launched
for ((i = 0; i < 300; i++)); do
	# One look at one file: cp looks twice.
	cat "$metrics" >"$HOME/copy"
	[ "$(tail -n 1 "$HOME/copy")" = "# EOF" ] || fail "half a file: $(cat "$HOME/copy")"
done
kill "$sender"
wait "$sender"
stat_end
check_metrics "$metrics"
check_equal "packets in the file" "$(cat "$HOME/sent")" "$(value packet_size_bytes_count DROP)"
check_equal "mode" 644 "$(stat -c %a "$metrics")"
check_equal "files in the folder" "xdp.prom" "$(ls -A "$HOME/metrics")"
# By a link it is the file behind it that is replaced.
ln -s "$metrics" "$HOME/link.prom"
check_run 0 xdpshark stat "$hook" --openmetrics="$HOME/link.prom" -i 0.1 -n 1
[ -L "$HOME/link.prom" ] || fail "the link was replaced"
check_metrics "$metrics"
check_equal "once" 0 "$(value packet_size_bytes_count DROP)"

# A folder that goes away and comes back while it runs is no reason to end.
stat_start -o "$metrics" -i 0.1
wait_for 20 is_written
mv "$HOME/metrics" "$HOME/away"
says()
{
	grep -q "$1" "$HOME/errors"
}
wait_for 20 says "cannot write to $metrics: No such file or directory"
mkdir "$HOME/metrics"
wait_for 20 says "$metrics is written again"
: >"$HOME/errors"
stat_end
check_metrics "$metrics"

# A full disk leaves the file of before.
mkdir "$HOME/small"
mount -t tmpfs -o size=4k tmpfs "$HOME/small"
echo old >"$HOME/small/xdp.prom"
check_run 1 xdpshark stat "$hook" -o "$HOME/small/xdp.prom" -n 1 -i 0.1
check_equal "what is said of a full disk" "xdpshark: cannot write to $HOME/small/xdp.prom: No space left on device: free \
space on that file system, or capture to another one" "$(cat "$HOME/stderr")"
check_equal "the file of before" old "$(cat "$HOME/small/xdp.prom")"
check_equal "files on the small disk" "xdp.prom" "$(ls -A "$HOME/small")"
umount "$HOME/small"

# Names that try to be more than a value, and two that differ in a byte that is no text.
names=($'a"} 1\nb{x="' $'back\\slash%' $'\xff' $'\xfe' $'\u00e4\e[31m')
rm "$hook"
for name in "${names[@]}"; do
	bpftool prog load "$example" "/sys/fs/bpf/program_$RANDOM$RANDOM" >/dev/null
	mv "$hook" "/sys/fs/bpf/$name"
done
check_run 0 xdpshark stat --openmetrics -i 0.1
cp "$HOME/stdout" "$out"
check_metrics "$out"
check_equal "hooks" 5 "$(cut -f 2 "$HOME/samples" | sort -u | wc -l)"
check_equal "control characters" 0 "$(LC_ALL=C.UTF-8 grep -c '[[:cntrl:]]' "$out" || true)"
check_run 0 xdpshark stat --json -n 1 -i 0.1
check_equal "hooks in JSON" 5 "$(jq '.points | length' "$HOME/stdout")"
check_run 0 xdpshark stat -n 1 -i 0.1
check_equal "rows" 25 "$(grep -c '^[0-9:]\{8\} ' "$HOME/stdout")"
check_equal "control characters in the table" 0 "$(LC_ALL=C.UTF-8 grep -c '[[:cntrl:]]' "$HOME/stdout" || true)"
