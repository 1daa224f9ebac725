#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xdpshark doctor begins with the answer. It tells a member of the capture group that captures are possible,
# without anything alarming, and others what they have to do.
set -eu
. "$(dirname "$0")/steps.sh"
command -v setcap >/dev/null || { echo "SKIP: needs setcap (libcap2-bin)"; exit 77; }
group=23456
chmod 711 "$(dirname "$HOME")" "$HOME"
mkdir "$HOME/bin"
cp "$(command -v xdpshark)" "$BUILD/extcap/xdpshark-hookd" "$HOME/bin"
hookd=$HOME/bin/xdpshark-hookd

# doctor STATUS GROUP...: runs it as an ordinary user, and without tshark, which does not matter here.
doctor()
{
	local status=$1
	shift
	check_run "$status" env PATH=/nowhere "$(command -v setpriv)" --reuid 65534 --regid 65534 "$@" "$HOME/bin/xdpshark" doctor
	check_equal "standard error" "" "$(cat "$HOME/stderr")"
}

# says LINE...: one after the other, from the first line on.
says()
{
	check_equal "doctor begins" "$(printf '%s\n' "$@")" "$(head -n $# "$HOME/stdout")"
}

chgrp $group "$hookd"
chmod 750 "$hookd"
setcap "$(sed -n 's/^set(XDPSHARK_HOOKD_CAPABILITIES "\(.*\)")$/\1/p' "$tests/../extcap/CMakeLists.txt")" "$hookd"
doctor 0 --groups $group
says "Captures are possible." "Who may capture: root and the members of the group $group." "" "The rest:" "yes      xdpshark-hookd may load BPF programs"
grep "not permitted" "$HOME/stdout" && fail "it alarms a user who may capture"
check_equal "what is missing is of others than captures" "" \
	"$(grep -A 1 '^no' "$HOME/stdout" | grep 'without it' | grep -v 'captures from hooks do without\|captures can only go to files and pipes\|only drops and tracepoints' || true)"

doctor 1 --clear-groups
says "Captures are not possible." "Who may capture: root and the members of the group $group." "" "Missing:"
grep -A 2 '^no       xdpshark-hookd loads the capture programs: no permission to run' "$HOME/stdout" |
	grep -qxF "         what to do: sudo usermod -aG $group nobody, then log in again" || fail "it says: $(cat "$HOME/stdout")"

# Installed for root alone.
setcap -r "$hookd"
chgrp 0 "$hookd"
chmod 755 "$hookd"
doctor 1 --clear-groups
says "Captures are not possible." "Who may capture: root." "" "Missing:"
grep -qxF "         what to do: run as root, or install xdpshark for a group (docs/security.md)" "$HOME/stdout" || fail "it says: $(cat "$HOME/stdout")"
