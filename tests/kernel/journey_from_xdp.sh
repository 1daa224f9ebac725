#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# journey_from_xdp.sh OBJECT: a packet's journey begins at XDP where that is captured with --track, too: by one xdpshark or
# by two of them, in native and in generic mode. Each journey is that of one packet.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
. "$(dirname "$0")/drops.bash"
count=300
# Other tests' packets are not ours: the whole machine is seen.
first=$((20000 + $$ % 40000))
filter="dst host 10.9.0.2 and udp dst portrange $first-$((first + count - 1))"
points=kernel:netif_receive_skb,drops

# launch NAME POINT...: a capture into $HOME/NAME.pcapng, which runs when this returns.
launch()
{
	local name=$1
	shift
	rm -f "$HOME/$name.errors"
	xdpshark capture "$@" -v -w "$HOME/$name.pcapng" "$filter" 2>"$HOME/$name.errors" &
	captures+=($!)
	wait_for 30 grep -sq "^capturing on\|^xdpshark: .* cannot be captured" "$HOME/$name.errors" || fail "no capture: $(cat "$HOME/$name.errors")"
	! grep "cannot be captured" "$HOME/$name.errors" || { echo "SKIP: needs the kernel's tracepoints"; exit 77; }
}

end_all()
{
	local capture
	kill -s TERM "${captures[@]}"
	for capture in "${captures[@]}"; do
		wait_for 60 process_has_ended "$capture" || fail "a capture does not end"
		wait "$capture" || fail "a capture ($?): $(cat "$HOME"/*.errors)"
	done
	captures=()
}
captures=()

# slow FILE: the packets (ports) that took longer between XDP and the kernel than the plugin waits, as on a machine that
# stood still in between: DRIVER_MAX and GENERIC_MAX in dissector/journey.c.
slow()
{
	tshark -r "$1" -T fields -e udp.dstport -e frame.time_relative -e xdp.point -e skb.point 2>/dev/null |
		awk -F '\t' '$3 != "" && !($1 in xdp) { xdp[$1] = $2 } $4 == "netif_receive_skb" { kernel[$1] = $2 }
			END { for (i in xdp) { gap = kernel[i] - xdp[i]; if (i in kernel && (gap > 0.0499 || gap < -0.0049)) print i } }'
}

# look FILE: sets journeys: how many of them there are with the same packets (by port) at the same points, and what is on
# none; and all: how many there have to be. Slow packets are left out.
look()
{
	local late
	late=$(slow "$1")
	all=$((count - $(wc -w <<<"$late")))
	[ $all -gt $((count / 2)) ] || fail "slow packets: $late"
	journeys=$(tshark -r "$1" -2 -T fields -e skb.journey -e udp.dstport -e xdp.point -e skb.point 2>/dev/null |
		grep -vwF "${late:-none are late}" |
		awk -F '\t' '{ way[$1] = way[$1] " " ($3 == "" ? $4 : "xdp" $3); if (port[$1] == "") port[$1] = $2; if (port[$1] != $2) mixed[$1] = 1 }
			END { for (i in way) print (i == "" ? "none" : "") (mixed[i] ? "mixed" : "") way[i] }' | sort | uniq -c | sed 's/^ *//; s/  */ /g')
}

# In generic mode XDP gets what the kernel has already.
for mode in xdpdrv xdpgeneric; do
	way="xdp0 netif_receive_skb"
	[ $mode = xdpdrv ] || way="netif_receive_skb xdp0"
	world_create
	world_attach "$example" "$mode"
	to=$(device_address "$server" server0)
	from=$(device_address "$client" client0)

	launch one "$hook" "$points" --track
	send port=$first count=$count step=1
	end_all
	file=$HOME/one.pcapng
	grep -q '^xdp .* frame=0x' <<<"$(blocks "$file" EPB comment)" || fail "no frame is known: $(blocks "$file" EPB comment)"
	look "$file"
	check_equal "$mode: journeys" "$all $way drops" "$journeys"
	if [ "$all" = "$count" ]; then
		check_equal "$mode: statistics" "$count $count" \
			"$(tshark -2 -q -z skb,journeys -r "$file" 2>/dev/null | sed -n 's/^[XDP_a-z]* -> [XDP_a-z]* *|\([0-9]*\) .*/\1/p' | paste -sd ' ')"
		check_equal "$mode: links" "$count" "$(tshark -r "$file" -2 -Y 'xdp.action == PASS && skb.next_frame' 2>/dev/null | wc -l)"
	else
		echo "($mode: statistics and links are not compared, since $((count - all)) packets were slow)"
	fi

	launch xdp "$hook" --track
	launch kernel "$points" --track
	send port=$first count=$count step=1
	end_all
	mergecap -w "$HOME/both.pcapng" "$HOME/xdp.pcapng" "$HOME/kernel.pcapng"
	look "$HOME/both.pcapng"
	check_equal "$mode: journeys of two captures" "$all $way drops" "$journeys"
	world_remove
	rm -f /sys/fs/bpf/example /sys/fs/bpf/example_hook /sys/fs/bpf/pass
done

# A program without a hook, at entry and exit.
if xdpshark doctor | grep -q '^yes *programs that watch others'; then
	world_create
	world_attach "$example"
	to=$(device_address "$server" server0)
	from=$(device_address "$client" client0)
	rm -f "$HOME/program.errors"
	nsenter --net="/run/netns/$server" -- xdpshark capture xdp-prog:server0 --track -v -w "$HOME/program.pcapng" "$filter" 2>"$HOME/program.errors" &
	captures+=($!)
	wait_for 30 grep -sq "^capturing on" "$HOME/program.errors" || fail "no capture: $(cat "$HOME/program.errors")"
	launch kernel "$points" --track
	send port=$first count=$count step=1
	end_all
	mergecap -w "$HOME/both.pcapng" "$HOME/program.pcapng" "$HOME/kernel.pcapng"
	look "$HOME/both.pcapng"
	check_equal "program: journeys" "$all xdp1 xdp2 netif_receive_skb drops" "$journeys"
	world_remove
	rm -f /sys/fs/bpf/example /sys/fs/bpf/example_hook /sys/fs/bpf/pass
else
	echo "(programs cannot be watched here)"
fi

# Without it nothing is said of frames.
world_create
world_attach "$example"
to=$(device_address "$server" server0)
from=$(device_address "$client" client0)
launch plain "$hook" "$points"
send port=$first
end_all
[ -n "$(blocks "$HOME/plain.pcapng" EPB comment)" ] || fail "nothing was captured"
! blocks "$HOME/plain.pcapng" EPB comment | grep 'frame=\|journey=' || fail "a frame without --track"
