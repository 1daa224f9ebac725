#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wireshark's own sshdump captures from a hook of another machine: here, of this one, over a real sshd.
set -eu
. "$(dirname "$0")/steps.sh"
. "$(dirname "$0")/sshd.sh"
tshark -D 2>/dev/null | grep -q ' sshdump ' || { echo "SKIP: this tshark has no sshdump"; exit 77; }

sshd_prepare
example_create
sshd_start "$client" 2222 127.0.0.1

launch "$client" "$HOME/shown" tshark -l -i sshdump -o extcap.sshdump.remotehost:127.0.0.1 -o extcap.sshdump.remoteport:2222 \
	-o extcap.sshdump.remoteusername:root -o "extcap.sshdump.sshkey:$HOME/user-key" \
	-o extcap.sshdump.remotecapturecommandselect:other \
	-o "extcap.sshdump.remotecapturecommand:xdpshark capture $hook -w - udp portrange 1000-1004" \
	-a duration:60 -c 5 -Y xdp -T fields -e udp.dstport -e xdp.action -e xdp.hook -e xdp.interface 2>"$HOME/errors"
tshark=$launched
capture_over_ssh()
{
	kill -0 $tshark 2>/dev/null || fail "tshark has ended: $(cat "$HOME/errors" "$HOME/sshd-log")"
	is_capturing
}
wait_for 30 capture_over_ssh || fail "no capture over ssh: $(cat "$HOME/errors" "$HOME/sshd-log")"
send --count 5 1000 1001 1002 1003 1004 >/dev/null
wait $tshark || fail "tshark: $(cat "$HOME/errors")"
check_equal "packets" "1000 0 $hook server0,1001 1 $hook server0,1002 2 $hook server0,1003 3 $hook server0,1004 4 $hook server0" \
	"$(tr '\t' ' ' <"$HOME/shown" | paste -sd ,)"
# The remote program notices that nobody reads any more.
wait_for 20 is_not_capturing || fail "the remote capture goes on after tshark's end"
