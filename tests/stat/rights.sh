#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ordinary user of the group counts, and writes metrics where the user may; root's process keeps no rights but, for a
# file, that to write into folders of others.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
member_create
mkdir "$HOME/root"
user=(setpriv --reuid 65534 --regid 65534 --groups $group)

"${user[@]}" "$bin/xdpshark" stat "$hook" -o "$HOME/own/xdp.prom" -i 0.1 2>"$HOME/errors" &
capture=$!
capture_wait
send --count 10 1001 >/dev/null
stat_end
grep -q 'xdpshark_packet_size_bytes_count{.*action="DROP"} 10$' "$HOME/own/xdp.prom" || fail "$(cat "$HOME/own/xdp.prom")"
check_run 1 "${user[@]}" "$bin/xdpshark" stat "$hook" -o "$HOME/root/xdp.prom" -n 1
grep -q 'Permission denied: choose a place that you may write to' "$HOME/stderr" || fail "$(cat "$HOME/stderr")"
check_run 0 "${user[@]}" "$bin/xdpshark" stat -n 1 -i 0.1
grep -q "$hook" "$HOME/stdout" || fail "all hooks: $(cat "$HOME/stdout")"
check_run 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$bin/xdpshark" stat "$hook" -n 1

# rights NAME: of the process.
rights()
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$capture/status" | tr '\t' ' '
}

stat_start
check_equal "capabilities" 0000000000000000 "$(rights CapPrm)"
[ "$(rights Uid | cut -d ' ' -f 1)" != 0 ] || fail "it is still root"
stat_end
stat_start -o "$HOME/own/xdp.prom"
# CAP_DAC_OVERRIDE
check_equal "capabilities for a file" 0000000000000002 "$(rights CapPrm)"
stat_end
