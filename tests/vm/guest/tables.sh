#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks are told from jump tables by what this kernel makes of programs.
set -eu
. "$(dirname "$0")/proof.sh"
array=/sys/fs/bpf/array
world_create

# By two compilers, at all levels of optimisation.
"$BUILD/tests/proof/test_leaves" --tap "$BUILD"/tests/proof/leaves_*.bpf.o >"$HOME/leaves" || fail "$(grep -v '^#.* verdict [0-9], reason' "$HOME/leaves")"
yes "hooks proven from their programs' instructions"

# what_is NAME: what is listed with that name.
what_is()
{
	xdpshark list --json | python3 -c '
import json, sys
for h in json.load(sys.stdin):
	if h["name"] == sys.argv[1]:
		print("hook" if h["proven"] else h["doubt"])' "$1"
}

for object in example example_old; do
	bpftool prog load "$BUILD/tests/programs/$object.bpf.o" /sys/fs/bpf/fw
	check_equal "$object" hook "$(what_is example_hook)"
	rm /sys/fs/bpf/fw "$hook"
done
for object in table table_old table_eight table_mixed; do
	bpftool prog loadall "$BUILD/tests/programs/$object.bpf.o" /sys/fs/bpf/programs
	check_equal "$object" "" "$(what_is array)"
	check_run 1 xdpshark capture "$array" -w "$file"
	grep -q "^xdpshark: $array: a jump table, not a hook: program dispatch#" "$HOME/stderr" || fail "$object: $(cat "$HOME/stderr")"
	rm -r /sys/fs/bpf/programs "$array"
done
yes "jump tables refused"

# Blinded instructions are shown to root's xdpshark-hookd, unless kernel addresses are to nobody.
sysctl -qw net.core.bpf_jit_harden=2
bpftool prog load "$example" /sys/fs/bpf/fw
check_equal "a blinded program" hook "$(what_is example_hook)"
bpftool prog loadall "$BUILD/tests/programs/table.bpf.o" /sys/fs/bpf/programs
check_equal "a blinded jump table" "" "$(what_is array)"
sysctl -qw kernel.kptr_restrict=2
[[ "$(what_is example_hook)" =~ ^the\ instructions\ of\ program\ example#[0-9]+\ are\ hidden\ by\ the\ kernel ]] ||
	fail "with hidden instructions: $(what_is example_hook)"
check_run 1 xdpshark capture "$hook" -w "$file"
grep -q "^xdpshark: $hook: perhaps a hook, perhaps a jump table: " "$HOME/stderr" || fail "$(cat "$HOME/stderr")"
