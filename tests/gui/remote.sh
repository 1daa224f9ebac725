#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# remote.sh, run by tests/sandbox: a user at Wireshark's window changes a running capture of another host, which is an
# sshd here, with the toolbar; that host says what is wrong with a filter.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/capture/steps.sh"
. "$top/tests/capture/sshd.sh"
. "$top/tests/gui/desktop.sh"

missing=$(desktop_missing)
[ -z "$missing" ] || { echo "SKIP: $missing is not installed"; exit 77; }

sshd_prepare
cat >"$HOME/root/.ssh/config" <<-END
	Host web1
		HostName 127.0.0.1
		Port 2201
		IdentityFile $HOME/user-key
END
world_create
world_attach "$BUILD/tests/programs/example.bpf.o"
sshd_start "$server" 2201 127.0.0.1
desktop_start
wireshark_start -k -i xdp-remote -o extcap.xdp_remote.remotehost:web1 -o "extcap.xdp_remote.remotepath:$hook" -f 'udp port 1002'
wait_for 40 is_capturing || fail "no capture"
toolbar_show
wait_for 20 is_shown 'check box' '^REDIRECT$' || fail "the toolbar is not shown"
send_each 1002 1001
wait_for 30 has_packets 1 || fail "the capture's own filter does not hold"
toolbar_filter 'udp port 1001'
wait_for 30 is_shown label '^XDP: the capture goes on' || fail "no line about the change"
send_each 1002 1001
wait_for 30 has_packets 2 || fail "the toolbar's filter does not hold"
ok "another filter is in force there"
toolbar_filter 'udp prot 1'
wait_for 30 is_shown label 'web1: .*syntax error' || fail "the host does not say what is wrong"
xdotool key Return
wait_for 20 is_not_shown label 'syntax error' || fail "the dialog does not close"
xdotool windowfocus --sync "$window"
ok "a bad filter is refused by the host"
toolbar_filter 'udp'
wait_for 30 is_shown label '^XDP: the capture goes on' || fail "no line about the change"
click 'check box' '^DROP$'
wait_for 30 is_capturing "$hook" '0 2 3 4' || fail "the slot of DROP is not left there"
click 'push button' '^Pause$'
wait_for 30 is_shown 'push button' '^Go on$' || fail "it does not pause"
click 'push button' '^Go on$'
wait_for 30 is_shown 'push button' '^Pause$' || fail "it does not go on"
ok "an action is left out, it pauses and goes on"
click 'push button' '^Stop$'
wait_for 30 is_not_capturing || fail "the stopped capture left something in the hook's slots"
is_not_shown alert || fail "a dialog is shown after the capture"
xdotool windowfocus --sync "$window" key --clearmodifiers ctrl+q
wait_for 30 is_ended "$wireshark" || fail "Wireshark does not end"
ok "Wireshark ends"
