#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# capture.sh OBJECT: what programs of tc do to packets, in and out of a device, is captured, each packet as it came in and
# as it went out, to the byte; and they decide the same with a capture and without.
set -eu
. "$(dirname "$0")/../trace/trace.sh"
. "$(dirname "$0")/tc.bash"
tc_world "$1"
filter ingress one
filter egress one
before=$(objects)

xdpshark list >"$HOME/list"
for row in "tc:$server:server0 .* decide#" "tc:$server:server0/decide .* tc ingress .* decide#" \
	"tc:$server:server0/decide#2 .* tc egress .* decide#"; do
	grep -q "^$row" "$HOME/list" || fail "not listed: $(cat "$HOME/list")"
done
check_refusal 1 "xdpshark: no tc program other is on device $server:server0: there is $server:server0/decide, $server:server0/decide#2" \
	xdpshark capture "tc:$server:server0/other" -w "$HOME/no"
check_run 1 xdpshark capture "tc:$client:client0" -w "$HOME/no"
grep -q "no tc program is on device $client:client0" "$HOME/stderr" || fail "$(cat "$HOME/stderr")"

# All of them; each decides as it did without a capture.
point=tc:$server:server0
send 0
trace_start all --comments full
send 2000
trace_end all
check_equal "verdicts with a capture" "$(verdicts one 0)" "$(verdicts one 2000)"
grep -q '2.*7.*3.*4' <<<"$(verdicts one 0)" || fail "no verdicts: $(verdicts one 0)"
check_packets all 2000 ingress egress
check_equal "interfaces" "tc:server0:decide()@fentry tc:server0:decide()@fentry tc:server0:decide()@fexit tc:server0:decide()@fexit" \
	"$(blocks "$HOME/all.pcapng" IDB name | sort | paste -sd ' ')"
check_equal "flags" "1 ingress 2 egress" \
	"$(blocks "$HOME/all.pcapng" EPB flags comment | sed -n 's/^\([0-9]*\)\t.* dir=\([a-z]*\) .*/\1 \2/p' | sort -u | paste -sd ' ')"
check_left "$before" "a capture"
part "tc programs of clsact, in and out, to the byte"

# One way, one verdict, and a filter.
point=tc:$server:server0/ingress
trace_start shot -a drop --at entry --comments full 'udp portrange 2001-2002'
send 4000
trace_end shot
check_equal "what was shot" "$((count / 8)) entry SHOT ingress" "$(blocks "$HOME/shot.pcapng" EPB comment |
	sed -n 's/^skb at=\([a-z]*\) action=\([A-Z]*\) dir=\([a-z]*\) .*/\1 \2 \3/p' | sort | uniq -c | sed 's/^ *//')"

# A tag that is not among the bytes any more: for the filter it is there.
point=tc:$server:server0/decide
trace_start tagged --filter-at exit --comments full vlan 42
send 6000
trace_end tagged
check_equal "what was tagged" "$((count / 8)) entry $((count / 8)) exit" "$(blocks "$HOME/tagged.pcapng" EPB comment |
	sed -n 's/^skb at=\([a-z]*\) .*/\1/p' | sort | uniq -c | sed 's/^ *//' | paste -sd ' ')"

# Another program takes its place.
trace_start followed --comments full
filter ingress two replace
wait_for 60 grep -q 'now used by' "$HOME/followed.log" || fail "not followed: $(cat "$HOME/followed.log")"
send 0
trace_end followed
check_packets followed 0 ingress
grep -q "prog=decide#$(program_id two) " "$HOME/followed.packets" || fail "not the other program: $(head -n 3 "$HOME/followed.packets")"
part "a tc program that is replaced is followed"
