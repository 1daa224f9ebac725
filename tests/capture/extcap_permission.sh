#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Users who may not see hooks get one interface that says so, and what to do, in its name and when capturing on
# it.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
libexec=/usr/local/libexec/xdpshark
remedy="no permission to run $libexec/xdpshark-hookd: only root may see XDP hooks (to let the members of a group, too: 'sudo $libexec/xdpshark-permit -g GROUP')"

as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$@"
}

for mode in 700 755 1777; do
	chmod $mode /sys/fs/bpf
	check_run 0 as_nobody xdpshark --extcap-interfaces --extcap-version=4.0
	check_equal "interfaces (bpffs has mode $mode)" "interface {value=xdp:}{display=XDP hooks (no permission: run as root, or install xdpshark for a group (docs/security.md))}" \
		"$(sed "1d; /xdp-remote/d; /^control/d; /^value/d" "$HOME/stdout")"
	check_equal "controls, for other hosts" 10 "$(grep -c ^control "$HOME/stdout")"
	check_equal "standard error" "" "$(cat "$HOME/stderr")"
	check_refusal 1 "$remedy" \
		as_nobody xdpshark --capture --extcap-interface xdp: --fifo /dev/null
	check_run 0 as_nobody xdpshark --extcap-dlts --extcap-interface xdp:
	check_run 0 as_nobody xdpshark --extcap-config --extcap-interface xdp:
done
check_refusal 1 "$remedy" \
	as_nobody xdpshark --capture --extcap-interface "xdp:$hook" --fifo /dev/null
check_refusal 1 "xdpshark: $remedy" as_nobody xdpshark capture "$hook"
check_refusal 1 "XDP hooks can be read now: refresh the interface list (F5) and choose one" \
	xdpshark --capture --extcap-interface xdp: --fifo /dev/null

# If there is a group of users who may, it is named.
command -v setcap >/dev/null || exit 0
chmod 711 "$(dirname "$HOME")" "$HOME"
mkdir "$HOME/bin"
cp "$(command -v xdpshark)" "$BUILD/extcap/xdpshark-hookd" "$HOME/bin"
chgrp 23456 "$HOME/bin/xdpshark-hookd"
chmod 750 "$HOME/bin/xdpshark-hookd"
setcap "$(sed -n 's/^set(XDPSHARK_HOOKD_CAPABILITIES "\(.*\)")$/\1/p' "$tests/../extcap/CMakeLists.txt")" "$HOME/bin/xdpshark-hookd"
check_run 0 as_nobody "$HOME/bin/xdpshark" --extcap-interfaces
check_equal "interfaces of who is not in the group" \
	"interface {value=xdp:}{display=XDP hooks (no permission: sudo usermod -aG 23456 nobody, then log in again)}" "$(sed "1d; /xdp-remote/d; /^control/d; /^value/d" "$HOME/stdout")"
check_run 0 setpriv --reuid 65534 --regid 65534 --groups 23456 "$HOME/bin/xdpshark" --extcap-interfaces
check_equal "interfaces of who is" "interface {value=xdp:$hook}" "$(grep '^interface {value=xdp:' "$HOME/stdout" | sed 's/{display.*//')"
