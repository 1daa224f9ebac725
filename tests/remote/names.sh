#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever names contain, they reach the other host as they are, and its shell runs nothing of them; errors of ssh and
# of the other host are one line of ours, and nothing is asked on the terminal.
set -eu
. "$(dirname "$0")/hosts.sh"
hosts_create
example_create
trap hosts_remove EXIT
host_start "$client" 127.0.0.1 2201
hosts_ready

# A bpffs takes no dots in names, but what else a shell minds.
n=0
for name in "a b" "a'b" 'a"b' '$(touch ran)' '`touch ran`' $'a\nb' "-rf" "a;touch ran" 'a\' "a&b" "!x" "~" "ü{x}"; do
	n=$((n + 1))
	path=/sys/fs/bpf/$name
	mv "$hook" "$path"
	hook=$path
	file=$HOME/file$n.pcapng
	remote_launch "ssh://web1$path" -w "$file" -c 1 "udp port 1001 and greater 1"
	wait_for 30 capture_is_on "$path" "0 1 2 3 4" || fail "no capture of $path: $(cat "$HOME/errors")"
	send --count 1 1001 >/dev/null
	remote_join 0
	check_equal "what is said of $path" "" "$(cat "$HOME/errors")"
	check_equal "hook in the file" "$path" "$(described_hook)"
done
[ ! -e "$HOME/joe/ran" ] || fail "the other host's shell ran something"
here xdpshark list --json ssh://web1 | python3 -c 'import json, sys
paths = [point["path"] for point in json.load(sys.stdin) if point["path"]]
assert paths == [sys.argv[1]], paths' "$hook" || fail "the list"
mv "$hook" /sys/fs/bpf/example_hook
hook=/sys/fs/bpf/example_hook

# refused STATUS TEXT ARGUMENT...: a line of ours, and no file.
refused()
{
	local status=$1 text=$2
	shift 2
	check_refusal "$status" "xdpshark: $text" here xdpshark capture "$@" -w "$HOME/none"
	[ ! -e "$HOME/none" ] || fail "there is a file"
}
form="is not of the form ssh://[USER@]HOST[:PORT]/PATH, such as ssh://web1/sys/fs/bpf/fw or ssh://web1/xdp-prog:eth0"
for word in ssh:// ssh:///sys/fs/bpf/fw ssh://web1 ssh://web1/ ssh://web1:99999/x ssh://web1:x/y "ssh://[::1/x" ssh://::1/x; do
	refused 2 "'$word' $form" "$word"
done
for host in -oProxyCommand=x 'a;b' 'a$(b)' 'a b'; do
	refused 2 "'$host' is no name of a host: give one as for ssh" "ssh://$host/sys/fs/bpf/fw"
done
refused 2 "'-x' is no name of a user: give one as for ssh" "ssh://-x@web1/sys/fs/bpf/fw"
refused 1 "web1: capture filter \"udp prot 53\": can't parse filter expression: syntax error" "ssh://web1$hook" "udp prot 53"
refused 1 "web1: /sys/fs/bpf/none: nothing is pinned there (xdpshark list shows the hooks)" ssh://web1/sys/fs/bpf/none
refused 1 "pcap has no place for the host that a packet comes from: capture to pcapng" "ssh://web1$hook" --pcap

# said TEXT COMMAND...: it fails, with a line of ours that has TEXT.
said()
{
	local text=$1
	shift
	check_run 1 here "$@"
	check_equal "lines of $*" 1 "$(wc -l <"$HOME/stderr")"
	grep -q "^xdpshark: .*$text" "$HOME/stderr" || fail "$* says: $(cat "$HOME/stderr")"
}
said "Permission denied" xdpshark list ssh://nobody@127.0.0.1:2201
said "Host key verification failed" xdpshark list ssh://joe@localhost:2201
said "Could not resolve hostname" xdpshark list ssh://no-such-host.invalid
said "sudo: a password is required" xdpshark list --remote-rights sudo ssh://web1
said "doas" xdpshark list --remote-rights doas ssh://web1
said "say where it is (--remote-program)" xdpshark list --remote-program "it's nowhere" ssh://web1
# A shell that prints something spoils the stream.
echo 'echo Welcome to web1' >"$HOME/joe/.bashrc"
said "begins with 'Welcome to web1'" xdpshark capture "ssh://web1$hook" -w "$HOME/none"
said "is no list of hooks" xdpshark list ssh://web1
rm "$HOME/joe/.bashrc"
# A banner on standard error does not.
echo 'echo Welcome to web1 >&2' >"$HOME/joe/.bashrc"
here xdpshark list ssh://web1 | grep -q "^$hook " || fail "the list behind a banner"
said "/sys/fs/bpf/none: nothing is pinned there" xdpshark capture ssh://web1/sys/fs/bpf/none -w "$HOME/none"

# Where there is a display, ssh may ask in a window: here for the passphrase of a key.
ssh-keygen -q -p -N secret -f "$HOME/user-key"
said "Permission denied" xdpshark list ssh://web1
printf '#!/bin/sh\necho secret\n' >"$HOME/askpass"
chmod +x "$HOME/askpass"
here env DISPLAY=:99 SSH_ASKPASS="$HOME/askpass" xdpshark list ssh://web1 >"$HOME/list" 2>"$HOME/errors" || fail "with SSH_ASKPASS: $(cat "$HOME/errors")"
grep -q "^$hook " "$HOME/list" || fail "the list with SSH_ASKPASS"
