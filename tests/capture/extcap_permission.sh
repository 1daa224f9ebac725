#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may not see hooks gets one interface that says so, and a remedy when capturing on it.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"
remedy="Permission denied: run as root, or with the capabilities CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON and as somebody who may open the pin"

as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$@"
}

for mode in 700 755 1777; do
	chmod $mode /sys/fs/bpf
	check_run 0 as_nobody xdpshark --extcap-interfaces --extcap-version=4.0
	check_equal "interfaces (bpffs has mode $mode)" "interface {value=xdp:}{display=XDP hooks (no permission to see them)}" \
		"$(sed 1d "$HOME/stdout")"
	check_equal "standard error" "" "$(cat "$HOME/stderr")"
	check_refusal 1 "bpffs: cannot look for hooks: $remedy" \
		as_nobody xdpshark --capture --extcap-interface xdp: --fifo /dev/null
	check_run 0 as_nobody xdpshark --extcap-dlts --extcap-interface xdp:
	check_run 0 as_nobody xdpshark --extcap-config --extcap-interface xdp:
done
check_refusal 1 "$hook: cannot open what is pinned there: $remedy" \
	as_nobody xdpshark --capture --extcap-interface "xdp:$hook" --fifo /dev/null
check_refusal 1 "xdpshark: $hook: cannot open what is pinned there: $remedy" as_nobody xdpshark capture "$hook"
check_refusal 1 "XDP hooks can be read now: refresh the interface list (F5) and choose one" \
	xdpshark --capture --extcap-interface xdp: --fifo /dev/null
