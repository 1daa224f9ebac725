#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Interface values stay unique in Wireshark's preferences, which only know letters, digits and '_'. They lead
# back to the hook, whatever it is called: in Wireshark, on the command line, and from list --json. Anything
# else is refused.
set -eu
. "$(dirname "$0")/steps.sh"
count=0
world_create

long=$(printf 'n%.0s' {1..250})
names=(a-b a_b A_B a 'a~b' 'a%7Eb' 'a b' 'a{b}' "$long" "${long}m" $'\xc3\xbc' $'\xff')
for name in "${names[@]}"; do
	world_attach "$example"
	rm /sys/fs/bpf/example
	on "$server" bpftool net detach xdp dev server0
	mv "$hook" "/sys/fs/bpf/$name"
	bpftool prog load "$example" "/sys/fs/bpf/program_$((++count))" map name example_hook pinned "/sys/fs/bpf/$name"
	rm -f "$hook"
done

extcap_values()
{
	xdpshark --extcap-interfaces | sed -n 's/^interface {value=\(xdp:[^}]*\)}.*/\1/p'
}

extcap_values >"$HOME/values"
check_equal "values" ${#names[@]} "$(wc -l <"$HOME/values")"
check_equal "preferences that two values share" "" "$(tr 'A-Z' 'a-z' <"$HOME/values" | sed 's/[^a-z0-9]/_/g' | sort | uniq -d)"
check_equal "values that are too long for Wireshark" "" "$(grep -E '.{233}' "$HOME/values" || true)"
extcap_values | cmp - "$HOME/values" || fail "values change"
xdpshark list --json | python3 -c 'import json, sys
for hook in json.load(sys.stdin):
    if hook["source"] == "xdp": print(hook["interface"])' | cmp - "$HOME/values" || fail "list --json has other values"

# hook_of VALUE: the path of the hook whose value it is, as its place in the list says.
hook_of()
{
	printf '/sys/fs/bpf/%s\n' "${names[@]}" | LC_ALL=C sort | sed -n "$(grep -nxF -- "$1" "$HOME/values" | cut -d: -f1)p"
}

# check_captured VALUE HOW: the file says which hook it is of.
check_captured()
{
	check_equal "hook of $1, $2" "$(hook_of "$1")" "$(described_hook)"
}

# Each value captures its own hook.
mkfifo "$HOME/fifo"
while read -r value; do
	cat "$HOME/fifo" >"$file" &
	check_run 0 xdpshark --capture --extcap-interface "$value" --fifo "$HOME/fifo" --duration 0.01
	wait $!
	check_captured "$value" "by Wireshark"
	check_run 0 xdpshark capture "$value" -w "$file" --duration 0.01
	check_captured "$value" "by a person"
done <"$HOME/values"
check_run 0 xdpshark capture "xdp:/sys/fs/bpf/a b" -w "$file" --duration 0.01
check_equal "hook that a person typed" "/sys/fs/bpf/a b" "$(described_hook)"

# Some that are close to a value.
for value in 'a~b' 'a~' 'a~0123abcd' 'a~0123456789abcdef' 'a%7eb' 'a%' 'a%7' 'a%41' 'a%2Fb' 'a%00' "$long~0123456789abcdef"; do
	value=xdp:/sys/fs/bpf/$value
	text="there is no interface $value: give it as 'xdpshark list --json' shows it (with %7E for ~, %25 for %), or give the path of the hook"
	cat "$HOME/fifo" >"$file" &
	check_refusal 1 "$text" xdpshark --capture --extcap-interface "$value" --fifo "$HOME/fifo" --duration 0.01
	wait $!
	check_refusal 1 "xdpshark: $text" xdpshark capture "$value" -w "$file" --duration 0.01
done
