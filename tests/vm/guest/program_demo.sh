#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo shows a program without a hook, as far as it needs neither packages nor a build.
set -eu
. "$(dirname "$0")/proof.sh"
"$tests/demo.sh" inside >"$HOME/shown" 2>&1 || fail "$(cat "$HOME/shown")"
grep -qP '^server0:firewall\(\)@fexit\t10\.9\.0\.1\t53\t\d+\t1\txdp at=exit action=DROP ' "$HOME/shown" || fail "$(cat "$HOME/shown")"
grep -q 'xdp action=REDIRECT' "$HOME/shown" || fail "$(cat "$HOME/shown")"
