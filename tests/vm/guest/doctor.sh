#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xdpshark doctor tells what this machine can do, as this test finds out by doing it.
set -eu
. "$(dirname "$0")/proof.sh"
fragments=False
! has_fragments || fragments=True
world_create
replaces=False
! on "$server" "$BUILD/tests/vm/replace" "$BUILD/tests/vm/dispatcher.bpf.o" "$example" server0 2>/dev/null || replaces=True
# It cannot be tried without harm to the kernel: the test of programs without a hook does, where it is said to work.
dispatcher=$replaces
case $(uname -r) in
5.*) dispatcher=False ;;
esac
installed=None
! command -v tshark >/dev/null || installed=True

# answers COMMAND...: what its JSON says, a line each, but for VLAN tags: where the example is a hook by now, its
# device takes them off.
answers()
{
	"$@" doctor --json >"$HOME/doctor" || status=$?
	python3 -c 'import json, sys
for check in json.load(sys.stdin):
	if check["name"] != "vlan":
		print(check["name"], check["answer"])
	assert (check["answer"] is False) == (check["cost"] is not None) == (check["remedy"] is not None)' <"$HOME/doctor"
}

status=0
check_equal "answers" "load True
bpffs True
walk True
ringbuf True
capture True
jit True
frags $fragments
load_bytes $fragments
btf True
tracing $replaces
dispatcher $dispatcher
ext $replaces
programs $replaces
drops True
functions $replaces
wireshark ${installed/None/False}
extcap $installed
plugin $installed" "$(answers xdpshark)"
check_equal "exit status" 0 $status

# Without tshark, since it takes long in some kernels.
doctor="env PATH=/nowhere $(command -v xdpshark) doctor"
check_run 1 setpriv --reuid 65534 --regid 65534 --clear-groups $doctor
libexec=/usr/local/libexec/xdpshark
for line in "no       xdpshark-hookd loads the capture programs: no permission to run $libexec/xdpshark-hookd: only root may see XDP hooks (to let the members of a group, too: 'sudo $libexec/xdpshark-permit -g GROUP')" \
	"         what to do: run as root, or install xdpshark for a group (docs/security.md)" "unknown  frames in fragments"; do
	grep -qxF "$line" "$HOME/stdout" || fail "it does not say '$line': $(cat "$HOME/stdout")"
done
check_equal "first line" "Captures are not possible." "$(head -n 1 "$HOME/stdout")"
check_equal "standard error" "" "$(cat "$HOME/stderr")"
while umount /sys/fs/bpf 2>/dev/null; do
	:
done
check_run 1 $doctor
grep -A 2 -x "no       a bpffs is mounted" "$HOME/stdout" | grep -q "mount -t bpf -o mode=0700 bpf /sys/fs/bpf" || fail "it does not miss the bpffs: $(cat "$HOME/stdout")"
check_run 2 xdpshark doctor nonsense
yes "xdpshark doctor is right"
