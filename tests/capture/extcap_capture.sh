#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture as dumpcap starts it: into a FIFO, with the arguments of every version.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
mkfifo "$fifo" "$HOME/in" "$HOME/out"

# Into a FIFO, ended by SIGTERM while dumpcap reads on.
read_capture()
{
	cat "$fifo" >"$file" &
	reader=$!
	xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$fifo" "$@" 2>"$HOME/errors" &
	capture=$!
	capture_wait
}

end_capture()
{
	capture_end
	wait $reader
}

read_capture
send --count 2 1001 7 >/dev/null
end_capture
check_sums
check_equal "packets" 2 "$(packets)"
check_equal "filter" - "$(blocks "$file" IDB filter)"

read_capture --extcap-capture-filter 'udp port 1001' --snaplen 0 --actions aborted,drop,pass,tx,redirect \
	--buffer 0 --count 0 --duration 0 --verdict off --log-file '' --log-level info \
	--extcap-control-out "$HOME/out" --extcap-control-in "$HOME/in" --extcap-new-in-5 --extcap-also=this stray
send --count 2 1001 7 >/dev/null
end_capture
check_sums
check_equal "packets" 1 "$(packets)"
check_equal "filter" "udp port 1001" "$(blocks "$file" IDB filter)"

# Failures: one line that says what to do, and the FIFO has been opened, or dumpcap would complain too.
# failed TEXT ARGUMENT...
failed()
{
	local text=$1
	shift
	cat "$fifo" >"$HOME/stream" &
	reader=$!
	check_refusal 1 "$text" xdpshark --capture --fifo "$fifo" "$@"
	wait_for 10 process_has_ended $reader || fail "the FIFO was not opened before: $*"
	wait $reader
	check_equal "bytes in the FIFO" 0 "$(stat -c %s "$HOME/stream")"
}

failed "/sys/fs/bpf/gone: nothing is pinned there (xdpshark list shows the hooks)" --extcap-interface xdp:/sys/fs/bpf/gone
failed "there is no interface eth0: it must be xdp: and the path of a hook, such as xdp:/sys/fs/bpf/fw; or xdp-prog: and the name of a device, such as xdp-prog:eth0; or tc: and the name of a device, such as tc:eth0; or xsk: and the name of a device, such as xsk:eth0" --extcap-interface eth0
failed "capture filter \"udp prot 1\": can't parse filter expression: syntax error" \
	--extcap-interface "xdp:$hook" --extcap-capture-filter 'udp prot 1'
failed "cannot open the log file $HOME/missing/log: No such file or directory" --extcap-interface "xdp:$hook" --log-file "$HOME/missing/log"
check_refusal 1 "cannot open the FIFO $HOME/missing/fifo: No such file or directory: it is Wireshark that makes it" \
	xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/missing/fifo"
# A file is not emptied.
echo mine >"$HOME/mine"
check_refusal 1 "$HOME/mine is no FIFO: for a file, use 'xdpshark capture HOOK -w $HOME/mine'" \
	xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/mine"
check_equal "the file" mine "$(cat "$HOME/mine")"
check_equal "slots" "" "$(slots_taken "$hook")"

# Nobody has opened the FIFO for reading yet: a signal must end the wait.
xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$fifo" 2>"$HOME/errors" &
waiting=$!
waits_for_reader()
{
	[ "$(sed 's/.*) \(.\).*/\1/' "/proc/$waiting/stat")" = S ]
}
wait_for 10 waits_for_reader
kill $waiting
wait_for 10 process_has_ended $waiting || fail "a capture that waits for its FIFO does not end"
