#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With short and full comments, tshark shows the same for each packet: hook, program, device, queue, CPU and
# action.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# shown FILE: the fields that the plugin shows.
shown()
{
	tshark -r "$1" -T fields -e xdp.action -e xdp.hook -e xdp.program -e xdp.program_id -e xdp.interface -e xdp.queue -e xdp.cpu
}

for form in short full off; do
	capture_launch "$hook" -w "$HOME/$form" -a drop,pass --comments $form --verdict on -c 2
	capture_wait "1 2"
	for port in 1001 1002; do
		taskset -c 0 nsenter --net="/run/netns/$client" "$tests/capture/send.py" --count 1 --address 10.9.0.2 $port >/dev/null
	done
	capture_join
done
id=$(bpftool -j prog show pinned /sys/fs/bpf/example | sed 's/{"id":\([0-9]*\).*/\1/')
check_equal "with short comments" "1	$hook	example	$id	server0	0	0
2	$hook	example	$id	server0	0	0" "$(shown "$HOME/short")"
for form in full off; do
	check_equal "with $form comments" "$(shown "$HOME/short")" "$(shown "$HOME/$form")"
done
check_equal "short comments" "xdp action=DROP
xdp action=PASS" "$(blocks "$HOME/short" EPB comment)"
check_equal "full comments" "xdp action=DROP hook=$hook prog=example#$id if=server0 queue=0 cpu=0" \
	"$(blocks "$HOME/full" EPB comment | head -n 1)"
check_equal "no comments" "-" "$(blocks "$HOME/off" EPB comment | sort -u)"

echo before >"$HOME/off"
check_run 2 xdpshark capture "$hook" -w "$HOME/off" --comments off --verdict off
grep -q -e "--comments off goes with --verdict on" "$HOME/stderr" || fail "no reason: $(cat "$HOME/stderr")"
check_equal "the file" before "$(cat "$HOME/off")"
