#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever pins, devices, namespaces, files and filters are called, nothing that we print controls the terminal.
set -eu
. "$(dirname "$0")/steps.sh"
# ESC, bell, newline, CSI as one character, a change of writing direction, a line separator, and an unassigned
# character that takes a surrogate pair in JSON.
evil=$'\e]0;owned\a\n\rok \xc2\x9b31m\xe2\x80\xae\xe2\x80\xa8\xf3\xa0\x81\x81{}'
strange=$world-$'\e[7m\xe2\x80\xae'
trap 'ip netns del "$strange" 2>/dev/null || true; world_remove' EXIT
world_create
trap 'ip netns del "$strange" 2>/dev/null || true; world_remove' EXIT
world_attach "$example"

# A device with such a name in a namespace with such a name runs the program too.
ip netns add "$strange"
ip link add $'v\e[1m0' netns "$strange" type veth peer name strange1 netns "$strange"
on "$strange" bpftool net attach xdpgeneric pinned /sys/fs/bpf/example dev $'v\e[1m0'
bpftool map pin pinned "$hook" $'/sys/fs/bpf/no\xffutf8'
mv "$hook" "/sys/fs/bpf/$evil"
hook=/sys/fs/bpf/$evil

# check_tame STATUS COMMAND...: it runs, and what it prints is tame.
check_tame()
{
	check_run "$@"
	"$tests/capture/untamed.py" "$HOME/stdout" "$HOME/stderr" || fail "untamed output of: $*"
}

# says FILE TEXT: so that the output is not just tame because it is empty.
says()
{
	grep -qF -- "$2" "$1" || fail "'$2' is not in: $(cat -v "$1")"
}

check_tame 0 xdpshark list
says "$HOME/stdout" "/sys/fs/bpf/?]0;owned"
check_equal "lines of the list" 7 "$(wc -l <"$HOME/stdout")"

# JSON loses nothing.
check_tame 0 xdpshark list --json
python3 -c '
import json, os, sys
hook = json.load(sys.stdin)[0]
assert hook["path"] == os.fsencode(sys.argv[1]).decode(), hook["path"]
assert any(d["name"] == sys.argv[2] for d in hook["devices"]), hook["devices"]' "$hook" $'v\e[1m0' <"$HOME/stdout"

check_tame 0 xdpshark --extcap-interfaces
says "$HOME/stdout" "{display=XDP hook ?]0;owned"
check_equal "lines that are of no known kind" "" "$(grep -vE "^(extcap|interface|control|value) \{" "$HOME/stdout")"

# A capture: its start, end, log and messages.
observe()
{
	"$tests/capture/untamed.py" "$HOME/errors" "$HOME/log" || fail "untamed output of a capture $*"
	says "$HOME/errors" "${1:-/sys/fs/bpf/?}"
	rm "$HOME/log"
}

says_more_than()
{
	[ "$(wc -l <"$HOME/errors")" -gt "$1" ]
}

for option in -v --json; do
	capture_launch "$hook" -w "$HOME/$evil" --log-file "$HOME/log" --log-level debug $option
	capture_wait
	before=$(wc -l <"$HOME/errors")
	mv "$hook" "$hook-moved"
	wait_for 20 grep -q 'no longer pinned' "$HOME/errors" || fail "nothing is said of the pin"
	kill $capture
	wait $capture || fail "the capture failed: $(cat -v "$HOME/errors")"
	mv "$hook-moved" "$hook"
	[ $option = --json ] || observe
done
observe '\u001b]0;owned'
python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert any(sys.argv[2].encode().decode() in line.get("message", "") for line in lines), lines' "$HOME/errors" $'\e]0;owned\a\n\rok \xc2\x9b31m'

# Errors: of hooks, filters, files, options, of the filter's command, and what Wireshark shows.
check_tame 1 xdpshark capture "$hook-gone"
says "$HOME/stderr" "/sys/fs/bpf/?]0;owned"
check_tame 1 xdpshark capture "$hook" $'udp port \e[31m\xc2\x9b'
check_tame 1 xdpshark capture "$hook" -w "$HOME/gone/$evil"
check_tame 1 xdpshark capture "$hook" --log-file "$HOME/gone/$evil"
check_tame 2 xdpshark capture "$hook" -c $'\e[31m\xc2\x9b'
check_tame 2 xdpshark capture "$hook" $'--\e[31m\xc2\x9b'
check_tame 2 xdpshark $'\e[31m\xc2\x9b'
check_tame 2 xdpshark list $'\e[31m\xc2\x9b'
check_tame 2 xdpshark doctor $'\e[31m\xc2\x9b'
check_tame 1 xdpshark filter $'udp port \e[31m\xc2\x9b'
check_tame 1 xdpshark filter --match "$HOME/$evil-gone" udp
printf 'udp port \e[31m\xc2\x9b\n' >"$HOME/batch"
mv "$HOME/$evil" "$file"
check_tame 0 xdpshark filter --batch "$HOME/batch" --match "$file"
says "$HOME/stdout" REJECT
check_tame 0 xdpshark --extcap-interface "xdp:/sys/fs/bpf/gone" --extcap-capture-filter $'udp port \e[31m\xc2\x9b'
check_tame 1 xdpshark --capture --extcap-interface $'xdp:/\e[31m\xc2\x9b' --fifo /dev/null
check_tame 2 xdpshark --capture --extcap-interface "xdp:/sys/fs/bpf/gone" --fifo /dev/null --count $'\e[31m\xc2\x9b'

# A slot that is taken.
bpftool prog load "$example" /sys/fs/bpf/foreign
bpftool map update pinned "$hook" key 1 0 0 0 value pinned /sys/fs/bpf/foreign
check_tame 1 xdpshark capture "$hook" -w "$file"
says "$HOME/stderr" "/sys/fs/bpf/?]0;owned"
