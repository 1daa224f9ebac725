#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# XDP programs that nobody has prepared are captured as packets come in and as they go out.
set -eu
. "$(dirname "$0")/proof.sh"
objects=$BUILD/tests/trace
TRACING_NEEDED=1 "$tests/trace/capture.sh" "$objects/traced.bpf.o"
yes "programs without a hook, entry and exit"
rm -rf /sys/fs/bpf/*
"$tests/trace/toolbar.sh" "$objects/traced.bpf.o"
yes "the toolbar of programs without a hook"

"$objects/test_trace" --tap "$objects/traced.bpf.o" "$objects/traced_bare.bpf.o" >"$HOME/results" ||
	fail "$(cat "$HOME/results")"
# part NAME FEATURE: of test_trace, which says why it has left it out.
part()
{
	if grep -q "^ok [0-9]* /trace/$1 # SKIP" "$HOME/results"; then
		no "$2" "$(sed -n "s,^ok [0-9]* /trace/$1 # SKIP ,,p" "$HOME/results")"
	else
		grep -q "^ok [0-9]* /trace/$1" "$HOME/results" || fail "$(cat "$HOME/results")"
		yes "$2"
	fi
}
part dispatcher "programs without a hook and without BTF"
part fragments "programs without a hook, frames in fragments"

"$objects/test_same" --tap "$objects/traced.bpf.o" >"$HOME/same" || fail "$(cat "$HOME/same")"
grep "refer" "$HOME/same"

"$objects/test_nesting" --tap "$objects/traced.bpf.o" >"$HOME/nesting" || fail "$(cat "$HOME/nesting")"
grep "captured" "$HOME/nesting"
yes "programs without a hook that interrupt each other"
