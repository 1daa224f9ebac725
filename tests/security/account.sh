#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Members have no power over the xdpshark-hookd that they start, nor over anybody else's: it runs as the
# account, or as root if there is none, with two capabilities, and with everything inherited from its caller
# reset.
set -eu
. "$(dirname "$0")/steps.sh"
machine_create
machine_example_create
# Not available everywhere; without it, limits that are too low are refused.
grep -q '^CapBnd:.*[13579bdf]......$' /proc/self/status || export XDPSHARK_NO_RESOURCE=1
! grep -q '^XDPSHARK_SANITIZE:BOOL=ON' "$BUILD/CMakeCache.txt" || export XDPSHARK_SANITIZED=1

$permit -a "" -g $group
echo "-- without an account"
attack account.py member 0 0
check_equal "owner of /run/xdpshark" "root 700" "$(stat -c '%U %a' /run/xdpshark)"
$permit -g $group
echo "-- with an account"
attack account.py member "$(id -u xdpshark)" "$(id -g xdpshark)"
check_equal "owner of /run/xdpshark" "xdpshark 700" "$(stat -c '%U %a' /run/xdpshark)"
check_equal "owners of what is in it" "xdpshark" "$(find /run/xdpshark -type f -printf '%u\n' | sort -u)"

echo "-- root's is the account's too, and captures"
capture_start -w "$file"
check_equal "uid of root's xdpshark-hookd" "$(id -u xdpshark)" "$(ps -o euid= -p "$(pgrep -P "$capture" -x xdpshark-hookd)" | xargs)"
send --count 10 --pause 0.001 1001 >/dev/null
wait_for 20 server_has_received 10
capture_end
check_equal "packets" 10 "$(packets)"
xdpshark list | grep -q "server0.*example#" || fail "root does not see the device in another namespace: $(xdpshark list)"

echo "-- and another account of that name"
sed -i '/^xdpshark:/d' /etc/passwd /etc/group /etc/shadow
useradd -r -u 64100 xdpshark
# As after a boot.
rm -f /run/xdpshark/*
chown root /run/xdpshark
attack account.py member 64100 "$(id -g xdpshark)"

echo "-- the account itself"
setpriv --reuid 64100 --regid 64100 --groups "$(getent group $group | cut -d: -f3)" xdpshark list 2>"$HOME/errors" && fail "the account captures"
grep -q 'its own, and not for logging in' "$HOME/errors" || fail "the account gets: $(cat "$HOME/errors")"

echo "-- an xdpshark-hookd that lacks capabilities"
setcap cap_sys_admin,cap_dac_read_search+p $hookd
member xdpshark list 2>"$HOME/errors" && fail "it serves"
grep -q 'it lacks capabilities that it was installed with' "$HOME/errors" || fail "a member gets: $(cat "$HOME/errors")"
$permit -g $group
member setpriv --no-new-privs xdpshark list 2>"$HOME/errors" && fail "with no_new_privs there are privileges"
check_equal "slots" "" "$(slots_taken "$hook")"
