#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The interface "XDP on a remote host" in Wireshark: its fields, the list of the host's hooks, the filter, captures,
# and errors in one line.
set -eu
. "$(dirname "$0")/hosts.sh"
command -v tshark >/dev/null || { echo "SKIP: needs tshark"; exit 77; }
hosts_create
example_create
trap hosts_remove EXIT
host_start "$client" 127.0.0.1 2201
hosts_ready

here xdpshark --extcap-interfaces | grep -qx 'interface {value=xdp-remote}{display=XDP on a remote host}' || fail "it is not listed"
here xdpshark --extcap-dlts --extcap-interface xdp-remote | grep -q '{name=EN10MB}' || fail "it has no link type"
here xdpshark --extcap-config --extcap-interface xdp-remote >"$HOME/config"
for field in remote-host remote-port remote-user ssh-key ssh-jump remote-rights remote-point remote-path transport remote-program snaplen actions; do
	grep -q "^arg {number=[0-9]*}{call=--$field}" "$HOME/config" || fail "it has no field $field"
done
check_equal "numbers that two fields have" "" "$(sed -n 's/^arg {number=\([0-9]*\)}.*/\1/p' "$HOME/config" | sort | uniq -d)"

check_equal "the tab that is shown first" Host "$(sort -t = -k 2n "$HOME/config" | sed -n 's/^arg {number=0}.*{group=\(.*\)}$/\1/p')"

# reload OPTION...: what the button of the list brings.
reload()
{
	here xdpshark --extcap-config --extcap-interface xdp-remote --extcap-reload-option remote-point "$@" >"$HOME/values" 2>"$HOME/errors" </dev/null
	sed -n 's/^value {arg=6}//p' "$HOME/values"
}
check_equal "the list" "{value=xdp:$hook}{display=XDP hook example_hook on server0 in $server (program example)}" \
	"$(reload --remote-host 127.0.0.1 --remote-port 2201 --remote-user joe --ssh-key "$HOME/user-key" --ssh-jump '' --remote-rights none --remote-point '' --snaplen 0 | head -n 1 | sed 's/server0 (netns \([^)]*\))/server0 in \1/')"
check_equal "the list with sudo, and what all hosts have" 6 "$(reload --remote-host web1 --remote-user jim --remote-rights sudo | wc -l)"
check_equal "what the kernel drops, in the list" "{value=kernel:drops}{display=Packets that the kernel drops}" "$(grep -o '{value=kernel:drops.*' "$HOME/values")"
check_equal "the list of no host" "{value=}{display=no remote host is given: name it in the interface's options (the gear)}" "$(reload)"
check_equal "the list of a host that is not there" "{value=}{display=127.0.0.1:9: ssh: connect to host 127.0.0.1 port 9: Connection refused}" \
	"$(reload --remote-host 127.0.0.1 --remote-port 9)"

check_equal "a good filter" "" "$(xdpshark --extcap-interface xdp-remote --extcap-capture-filter 'udp port 53')"
xdpshark --extcap-interface xdp-remote --extcap-capture-filter 'udp prot 53' | grep -q 'syntax error' || fail "a wrong filter"

# remote_tshark OPTION...
remote_tshark()
{
	launch "$client" "$HOME/shown" tshark -l -i xdp-remote -o extcap.xdp_remote.remotehost:web1 "$@" -a duration:60 \
		-T fields -e udp.dstport -e xdp.action -e xdp.hook -e xdp.host -e frame.interface_name 2>"$HOME/errors"
	capture=$launched
}
remote_tshark -o "extcap.xdp_remote.remotepoint:xdp:$hook" -o extcap.xdp_remote.actions:drop -f "udp portrange 1000-1004" -c 2 -Y xdp
wait_for 40 capture_is_on "$hook" 1 || fail "no capture: $(cat "$HOME/errors")"
send --count 4 1001 1002 >/dev/null
remote_join 0
check_equal "packets" "1001 1 $hook web1 web1:example_hook,1001 1 $hook web1 web1:example_hook" "$(tr '\t' ' ' <"$HOME/shown" | paste -sd ,)"
wait_for 20 is_not_capturing || fail "the capture goes on"

# What the kernel of that host drops.
remote_tshark -o "extcap.xdp_remote.remotepoint:kernel:drops" -o extcap.xdp_remote.remoteuser:jim -o extcap.xdp_remote.remoterights:sudo \
	-f "udp port 7777 and host 10.9.0.2" -c 1 -Y skb -e skb.reason
is_dropped()
{
	on "$client" bash -c 'echo x >/dev/udp/10.9.0.2/7777'
	process_has_ended "$capture"
}
if xdpshark doctor | grep -q '^yes *programs that see what the kernel drops'; then
	wait_for 40 is_dropped || fail "no drop is seen: $(cat "$HOME/errors")"
	wait "$capture" || true
	grep -q 7777 "$HOME/shown" || fail "the drop: $(cat "$HOME/shown" "$HOME/errors")"
else
	kill "$capture"
fi

# refused TEXT OPTION...: Wireshark shows what is said.
refused()
{
	local text=$1
	shift
	remote_tshark "$@"
	wait_for 40 process_has_ended "$capture" || fail "tshark does not end"
	grep -qF "$text" "$HOME/errors" || fail "tshark says: $(cat "$HOME/errors")"
}
refused "no hook of web1 is chosen"
refused "web1: /sys/fs/bpf/none: nothing is pinned there" -o extcap.xdp_remote.remotepath:/sys/fs/bpf/none
refused "web1: capture filter \"not_a_word\": " -o extcap.xdp_remote.remotepath:$hook -f not_a_word
