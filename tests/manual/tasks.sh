#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command lines of the pages by task are run as they stand there, on a machine with a hook fw on a device eth0; and the
# script of docs/scripts.md finds the packets that were dropped.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
docs=$tests/../docs
for program in jq tcpdump tshark editcap; do
	command -v $program >/dev/null || { echo "SKIP: $program is not installed"; exit 77; }
done
world_create
world_attach "$example"
mv "$hook" /sys/fs/bpf/fw
hook=/sys/fs/bpf/fw
ip -n "$server" link set server0 down
ip -n "$server" link set server0 name eth0
ip -n "$server" link set eth0 up

# What is not this machine's, and captures that end.
mkdir "$HOME/bin"
cat >"$HOME/bin/sudo" <<'SH'
#!/bin/sh
exec "$@"
SH
cat >"$HOME/bin/ssh" <<'SH'
#!/bin/sh
# xdpshark hands over one word for a shell, last.
[ "$1" != -T ] || { for line; do :; done; exec sh -c "$line"; }
shift
exec "$@"
SH
cat >"$HOME/bin/kubectl" <<'SH'
#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
SH
cat >"$HOME/bin/docker" <<'SH'
#!/bin/sh
shift 3
exec "$@"
SH
cat >"$HOME/bin/wireshark" <<'SH'
#!/bin/sh
exec tshark -i - -a duration:60
SH
cat >"$HOME/bin/xdpshark" <<'SH'
#!/bin/bash
command=$1
shift
case $command in
capture | stat) set -- --duration 0.3 "$@" ;;
esac
# The page's own limit comes later, and is longer.
for ((i = $#; i > 2; i--)); do
	[ "${!i}" != 60 ] || set -- "${@:1:i-2}" "${@:i+1}"
done
exec /usr/local/bin/xdpshark "$command" "$@"
SH
chmod +x "$HOME"/bin/*
cd "$HOME"
on "$server" env PATH="$HOME/bin:$PATH" xdpshark capture fw -q -w drops.pcapng

points=$(xdpshark doctor | grep '^yes *programs that see what the kernel drops' || true)
count=0
while IFS= read -r line; do
	case $line in
	"tshark -i -" | "xdpshark filter --cbpf" | "tshark -Y "*) continue ;; # the rest stands around them
	*xdp-prog:*) continue ;; # not every kernel lets programs be watched
	*kernel:* | *why.pcapng* | *way.pcapng*) [ -n "$points" ] || continue ;; # nor its own points
	esac
	with_limit nsenter --net="/run/netns/$server" -- env PATH="$HOME/bin:$PATH" bash -o pipefail -c "$line" >out 2>err </dev/null ||
		fail "'$line' has status $?: $(cat err)"
	count=$((count + 1))
done < <("$tests/manual/commands.py" run "$docs"/{drops,vanished,remote,metrics,scripts,switching}.md)
[ $count -gt 20 ] || fail "only $count command lines were found"

awk '$0 == "```bash" { inside = 1; next } /^```/ { inside = 0 } inside' "$docs/scripts.md" >script
[ "$(wc -l <script)" -gt 10 ] || fail "docs/scripts.md has no script"
cat >send-the-packets <<SH
#!/bin/bash
for ((i = 0; i < packets; i++)); do
	nsenter --net=/run/netns/$client -- bash -c 'printf x >/dev/udp/10.9.0.2/1001'
done
seen=\$(nsenter --net=/run/netns/$server -- awk '\$1 == "eth0:" { print \$3 }' /proc/net/dev)
[ "\$seen" -gt 0 ]
SH
chmod +x send-the-packets
packets=3 with_limit bash script >out 2>err || fail "the script: $(cat out err)"
status=0
packets=2 with_limit bash script >out 2>err || status=$?
check_equal "what the script says of two packets" "1 2 packets were dropped, not 3" "$status $(cat out)"
