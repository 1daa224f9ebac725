#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine whose settings keep captures from being loaded: the error names the setting, and never the filter.
set -eu
. "$(dirname "$0")/proof.sh"
world_create
world_attach "$example"

# refused TEXT: by a capture, with and without a filter, and by Wireshark's check of a filter.
refused()
{
	local filter
	for filter in "" "udp port 53"; do
		# shellcheck disable=SC2086
		check_run 1 xdpshark capture "$hook" -w "$file" $filter
		grep -qF "$1" "$HOME/stderr" || fail "not '$1', but: $(cat "$HOME/stderr")"
		! grep -q "refuses the filter" "$HOME/stderr" || fail "the filter is blamed: $(cat "$HOME/stderr")"
	done
}

jit=/proc/sys/net/core/bpf_jit_enable
if echo 0 >$jit 2>/dev/null && [ "$(cat $jit)" = 0 ]; then
	refused "sysctl net.core.bpf_jit_enable=1"
	# The hook's own program is interpreted, too.
	on "$server" bpftool net detach xdp dev server0
	rm /sys/fs/bpf/example "$hook"
	world_attach "$example"
	refused "sysctl net.core.bpf_jit_enable=1"
	echo 1 >$jit
	refused "load it again"
	on "$server" bpftool net detach xdp dev server0
	rm /sys/fs/bpf/example "$hook"
	world_attach "$example"
else
	echo "this kernel always compiles programs"
fi
xdpshark capture "$hook" -w "$file" --duration 0.1

# Locked down for good, so at the end. From 5.18 on packets are copied without reading the kernel's memory.
mount -t securityfs none /sys/kernel/security 2>/dev/null || true
if echo confidentiality >/sys/kernel/security/lockdown 2>/dev/null; then
	if xdpshark capture "$hook" -w "$file" --duration 0.1 2>"$HOME/stderr"; then
		echo "captures work where the kernel is locked down"
	else
		refused "locked down (confidentiality)"
	fi
else
	echo "this kernel cannot be locked down"
fi
yes "the true cause of a refused load is named"
