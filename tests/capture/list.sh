#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While a capture runs, the list tells which slots it has taken.
set -eu
. "$(dirname "$0")/steps.sh"
world_create
world_attach "$example"

column()
{
	xdpshark list | tail -n 1 | sed 's/.* \([0-9] of 5\)/\1/'
}

check_equal "list before" "0 of 5" "$(column)"
capture_launch "$hook" -w "$file" -a drop,redirect
capture_wait "1 4"
column | grep -qx '2 of 5: DROP xdpshark_drop#[0-9]*, REDIRECT xdpshark_redir#[0-9]*' || fail "list: $(column)"
check_equal "list --json" \
	'ABORTED None,DROP xdpshark_drop,PASS None,TX None,REDIRECT xdpshark_redir' \
	"$(xdpshark list --json | python3 -c '
import json, sys
print(",".join(s["action"] + " " + str(s["program"] and s["program"]["name"]) for s in json.load(sys.stdin)[0]["slots"]))')"
# The capture's programs are not among those that use the hook, since they name other maps only.
check_equal "programs" example "$(xdpshark list --json | python3 -c '
import json, sys
print(*[p["name"] for p in json.load(sys.stdin)[0]["programs"]])')"
capture_end
check_equal "list after" "0 of 5" "$(column)"
