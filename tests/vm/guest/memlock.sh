#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With an ordinary limit of locked memory, in which BPF counts before Linux 5.11, root and a member capture; where the
# limit may not be raised, the error names it.
set -eu
. "$(dirname "$0")/../../security/steps.sh"
machine_create
world_create
trap machine_remove EXIT
world_attach "$example"
$permit -a "" -g $group
ulimit -l 64

capture_with()
{
	local status=0
	"$@" timeout 60 xdpshark capture "$hook" -w "$HOME/own/a.pcapng" --duration 0.1 2>"$HOME/errors" || status=$?
	return $status
}

for user in root member; do
	capture_with $user || fail "$user: $(cat "$HOME/errors")"
	rm "$HOME/own/a.pcapng"
done
if capture_with setpriv --bounding-set -sys_resource; then
	[ "$(uname -r | cut -d. -f1)" != 5 ] || fail "Linux 5.10 does not count locked memory"
elif ! grep -q "raise the limit of locked memory" "$HOME/errors"; then
	fail "without the right to raise it: $(cat "$HOME/errors")"
fi
