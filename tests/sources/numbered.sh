#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# numbered.sh XDPSHARK PYTHON3: an end-to-end test of a source known only to its own files and its rows in the
# tables. It is listed, has the options of its row and no others, and its packets are captured, filtered,
# written, and dissected with their verdicts.
set -eu
xdpshark=$1 python3=$2

fail()
{
	echo "FAIL: $*" >&2
	exit 1
}

# check_equal WHAT EXPECTED ACTUAL
check_equal()
{
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# check_refused REASON ARGUMENT...
check_refused()
{
	local reason=$1
	shift
	! timeout 60 "$xdpshark" "$@" >/dev/null 2>"$HOME/errors" || fail "$* was not refused"
	grep -qF -e "$reason" "$HOME/errors" || fail "$*: $(cat "$HOME/errors")"
}

command -v tshark >/dev/null || { echo "SKIP: needs tshark"; exit 77; }
display='Source of numbered packets 100'
check_equal interface "interface {value=numbered:100}{display=$display}" \
	"$("$xdpshark" --extcap-interfaces | grep '^interface.*numbered')"
"$xdpshark" list | grep -q '^numbered:100 ' || fail "not in the list: $("$xdpshark" list)"
check_equal "list for programs" "numbered 100 None" "$("$xdpshark" list --json | "$python3" -c '
import json, sys
print(*[" ".join((p["source"], p["address"], str(p["path"]))) for p in json.load(sys.stdin) if p["interface"] == "numbered:100"])')"

# The dialog shows what is in the row.
"$xdpshark" --extcap-interface numbered:100 --extcap-config >"$HOME/config"
check_equal verdicts "aborted drop pass" "$(sed -n 's/^value {arg=1}{value=\([a-z]*\)}.*/\1/p' "$HOME/config" | tr '\n' ' ' | sed 's/ $//')"
! grep -E -- 'call=--(follow|unproven|share-foreign)' "$HOME/config" || fail "it has options of hooks"
check_equal dlts "dlt {number=1}{name=EN10MB}{display=Ethernet}" "$("$xdpshark" --extcap-interface numbered:100 --extcap-dlts)"
check_refused "--follow is not for a Source of numbered packets" capture numbered:10 --follow -w "$HOME/no"
check_refused "--actions: 'tx' is none of aborted, drop, pass" capture numbered:10 -a tx -w "$HOME/no"
mkfifo "$HOME/fifo"
cat "$HOME/fifo" >/dev/null &
check_refused "it must be xdp: and the path of a hook, such as xdp:/sys/fs/bpf/fw; or xdp-prog: and the name of a device, such as xdp-prog:eth0; or tc: and the name of a device, such as tc:eth0; or xsk: and the name of a device, such as xsk:eth0; or numbered: and how many packets" \
	--capture --extcap-interface nothing:2 --fifo "$HOME/fifo"
wait
[ ! -e "$HOME/no" ] || fail "a refused capture wrote a file"

# shown FILE [FILTER]: action and number of each packet, as tshark with the plugin has them.
shown()
{
	tshark -r "$1" ${2:+-Y "$2"} -T fields -e xdp.action -e eth.type -e data.data 2>/dev/null | cut -c1-13
}

# expected FIRST STEP: the same for numbers below 300.
expected()
{
	local number
	for number in $(seq "$1" "$2" 299); do
		printf '%u\t0x88b5\t%04x\n' $((number % 2 ? 1 : 2)) "$number"
	done
}

timeout 60 "$xdpshark" capture numbered:300 -c 300 -w "$HOME/all" 2>"$HOME/errors" || fail "capture: $(cat "$HOME/errors")"
check_equal "all packets" "$(expected 0 1)" "$(shown "$HOME/all")"
check_equal "those with a verdict" "$(expected 1 2)" "$(shown "$HOME/all" 'xdp.action == DROP')"
tshark -r "$HOME/all" -T fields -e frame.comment | sort -u >"$HOME/comments"
grep -q '^xdp action=DROP' "$HOME/comments" && grep -q 'numbered=300' "$HOME/comments" || fail "comments: $(cat "$HOME/comments")"

# By verdict and by filter, in the kernel; the counts in JSON have its verdicts.
timeout 60 "$xdpshark" capture numbered:300 -a drop -c 150 -w "$HOME/odd" --json 2>"$HOME/status"
check_equal "only one verdict" "$(expected 1 2)" "$(shown "$HOME/odd")"
tail -n 1 "$HOME/status" | grep -q '"actions":{"ABORTED":.*"DROP":.*"PASS":' || fail "status: $(tail -n 1 "$HOME/status")"
timeout 60 "$xdpshark" capture numbered:300 -c 15 -w "$HOME/few" 'ether[15] = 7 or ether[14:2] >= 287' 2>/dev/null
check_equal "with a filter" 15 "$(shown "$HOME/few" 2>/dev/null | wc -l)"

# A point that stands for others: what comes to it during the capture is captured, with an interface of its own, or
# left out, with a line each.
"$xdpshark" capture numbered:growing -w "$HOME/growing" 2>"$HOME/growing.errors" &
growing=$!
for _ in $(seq 600); do
	! grep -q 'left out' "$HOME/growing.errors" || break
	sleep 0.1
done
kill "$growing"
wait "$growing" || fail "capture of a group: $(cat "$HOME/growing.errors")"
check_equal "what is said" "xdpshark: numbered packets 7: attached during the capture (7#7): captured from now on
xdpshark: numbered packets 5: attached during the capture, and left out: it is the last one" "$(grep 'during the capture' "$HOME/growing.errors")"
check_equal "packets of a group" "$({ seq 0 10; seq 0 6; } | sort -n | while read -r number; do printf '%04x\n' "$number"; done)" \
	"$(shown "$HOME/growing" | cut -f 3 | sort)"
check_equal "interfaces of a group" "11 numbered:11,7 numbered:7" "$(tshark -r "$HOME/growing" -T fields -e frame.interface_name -e frame.interface_description |
	sed 's/^\([0-9]*\)\t.*\(numbered=[0-9]*\).*/\1 \2/' | sort -u | paste -sd , | tr = :)"

# xdpshark-hookd does not rely on the program: what is not for such points it refuses itself, by name.
said=$(PYTHONPATH=$(dirname "$0")/../security "$python3" -B - "$(dirname "$xdpshark")/xdpshark-hookd" <<'END'
import sys
from hookd import GLib, Hookd, RETURN_ALL, Refused, instruction

hookd = Hookd(path=sys.argv[1])
options = {"source": GLib.Variant("s", "numbered"), "address": GLib.Variant("ay", b"1\0"),
           "filter": GLib.Variant("at", [instruction(*RETURN_ALL)]), "ring-size": GLib.Variant("t", 4096)}
for name, value in (("share-foreign", GLib.Variant("b", True)), ("colour", GLib.Variant("u", 1)), ("snaplen", GLib.Variant("s", "1"))):
    try:
        hookd.call("open-session", GLib.Variant("(a{sv})", (options | {name: value},)))
    except Refused as refusal:
        print(refusal)
for method, arguments in (("list-points", GLib.Variant("(s)", ("nothing",))),
                          ("open-points", GLib.Variant("(a(say))", ([("numbered", b"1\0"), ("nothing", b"2\0")],)))):
    try:
        hookd.call(method, arguments)
    except Refused as refusal:
        print(refusal)
END
) || { status=$?; echo "$said"; exit $status; }
check_equal "what is refused" "option 'share-foreign' of a capture is not for a Source of numbered packets
there is no option 'colour' of a capture
option 'snaplen' of a capture is of type s, not u
there is no source 'nothing'
there is no source 'nothing'" "$said"
