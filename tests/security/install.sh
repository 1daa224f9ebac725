#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In whatever order things are installed, xdpshark-hookd only has capabilities if nobody but the group's members
# may run it, at any moment, and an install that fails changes nothing.
set -eu
. "$(dirname "$0")/steps.sh"
trap machine_remove EXIT
machine_create
machine_open
groupadd -r otherusers
bpftool prog load "$example" /sys/fs/bpf/example
capabilities=$(sed -n 's/^capabilities=//p' "$permit" | sed 's/+p$//')
[ -n "$capabilities" ] || fail "xdpshark-permit names no capabilities"

# install GROUP: reconfigures and installs; the status is in $status, the output in $HOME/install.log.
install_for()
{
	cmake "-DXDPSHARK_CAPTURE_GROUP=$1" "$BUILD" >"$HOME/cmake.log" 2>&1 || fail "cmake: $(cat "$HOME/cmake.log")"
	status=0
	cmake --install "$BUILD" >"$HOME/install.log" 2>&1 || status=$?
}

sees_hooks()
{
	"$@" xdpshark list 2>/dev/null | grep -q "$hook"
}

# check_state WHEN GROUP FILE: GROUP's members may run FILE, with capabilities; or root alone, without.
check_state()
{
	if [ -n "$2" ]; then
		check_equal "$1: $3" "750 root $2" "$(stat -c '%a %U %G' "$3")"
		check_equal "$1: capabilities" "$capabilities=p" "$(capabilities_of "$3")"
	else
		check_equal "$1: $3" "750 root root" "$(stat -c '%a %U %G' "$3")"
		check_equal "$1: capabilities" "" "$(capabilities_of "$3")"
	fi
}

may_run()
{
	"$@" test -x $hookd
}

check_installed()
{
	check_state "$1" "$2" "$hookd"
	check_equal "$1: files that were left" "xdpshark-hookd xdpshark-permit" "$(find $libexec -type f -printf '%f\n' | sort | xargs)"
	! may_run outsider || fail "$1: somebody outside of the group may run it"
	if [ "$2" = "$group" ]; then
		may_run member || fail "$1: a member may not run it"
	else
		! may_run member || fail "$1: a member of another group may run it"
	fi
}

# check_captures WHEN GROUP: the same by use.
check_captures()
{
	check_installed "$1" "$2"
	sees_hooks root || fail "$1: root sees no hooks"
	! sees_hooks outsider || fail "$1: somebody outside of the group sees hooks"
	if [ -n "$2" ]; then
		sees_hooks member || fail "$1: a member sees no hooks: $(member xdpshark list 2>&1)"
	else
		! sees_hooks member || fail "$1: a member sees hooks"
	fi
}

# Checks all the time: is there anything in the folder that the outsider may run, or that has capabilities and
# is not the group's?
cat >"$HOME/own/watch.py" <<'PYTHON'
import os
import stat
import sys

folder, found = sys.argv[1:3]
parent = os.getppid()
print("watching", flush=True)
while os.getppid() == parent:
    try:
        for entry in os.scandir(folder):
            if "hookd" not in entry.name:
                continue
            try:
                status = entry.stat()
                if os.access(entry.path, os.X_OK) or status.st_mode & stat.S_IRWXO:
                    open(found, "a").write(f"{entry.name} has mode {status.st_mode:o}\n")
            except FileNotFoundError:
                pass
    except FileNotFoundError:
        pass
PYTHON
: >"$HOME/own/found"
chmod 666 "$HOME/own/found"
launcher=exec outsider nice timeout 250 /usr/bin/python3 "$HOME/own/watch.py" $libexec "$HOME/own/found" >"$HOME/watch.log" &
watcher=$!
wait_for 20 grep -q watching "$HOME/watch.log" || fail "nobody watches"

# As the sandbox has installed it: without a group.
check_captures "at first" ""
held=
for next in $group $group otherusers "" "" nosuchgroup $group 99999999999 nosuchgroup "" 4294967295 otherusers $group; do
	when="after <$held>, <$next>"
	touch "$HOME/stamp"
	install_for "$next"
	if [[ $next =~ ^(nosuchgroup|[0-9]+)$ ]]; then
		[ $status != 0 ] || fail "$when: installed"
		grep -q "there is no group $next, nothing was changed" "$HOME/install.log" || fail "$when: $(cat "$HOME/install.log")"
		check_equal "$when: changed files" "" "$(find /usr/local /usr/lib/*/wireshark -newer "$HOME/stamp" ! -type d)"
	else
		[ $status = 0 ] || fail "$when: $(cat "$HOME/install.log")"
		held=$next
	fi
	check_installed "$when" "$held"
done
getent passwd xdpshark | grep -q nologin || fail "there is no account xdpshark: $(cat "$HOME/install.log")"

echo "-- what has been linked to keeps nothing"
ln $hookd $libexec/../kept
install_for ""
check_equal "a link to the old xdpshark-hookd" "700 root root" "$(stat -c '%a %U %G' $libexec/../kept)"
check_equal "its capabilities" "" "$(capabilities_of $libexec/../kept)"

echo "-- an install that is cut off"
install_for $group
for tool in setcap chgrp mv; do
	tool=$(command -v $tool)
	cp -a "$tool" "$tool.real"
	printf '#!/bin/sh\nexit 1\n' >"$tool"
	install -m 600 /dev/null $libexec/.xdpshark-hookd.abcdef
	cmake --install "$BUILD" >"$HOME/install.log" 2>&1 && fail "installed without $tool"
	cp -a "$tool.real" "$tool"
	case "$(stat -c '%a %U %G' $hookd) $(capabilities_of $hookd)" in
	"750 root $group $capabilities=p") ;;
	"700 root root ") ;;
	*) fail "without $tool: $(ls -l $hookd) $(capabilities_of $hookd)" ;;
	esac
	check_equal "files that were left" "xdpshark-hookd xdpshark-permit" "$(find $libexec -type f -printf '%f\n' | sort | xargs)"
done
install_for $group
check_captures "after that" $group

echo "-- a package"
for next in $group nosuchgroup ""; do
	cmake "-DXDPSHARK_CAPTURE_GROUP=$next" "$BUILD" >/dev/null 2>&1
	stage=$HOME/own/stage.$next
	DESTDIR=$stage cmake --install "$BUILD" >"$HOME/install.log" 2>&1 || fail "package <$next>: $(cat "$HOME/install.log")"
	check_state "package <$next>" "${next#nosuchgroup}" "$stage$hookd"
	[ -z "$next" ] || grep -q "$permit -g $next" "$HOME/install.log" || fail "package <$next> says: $(cat "$HOME/install.log")"
	check_installed "beside package <$next>" $group
done
# Made by somebody who is not root.
stage=$HOME/own/stage.unprivileged
cmake "-DXDPSHARK_CAPTURE_GROUP=$group" "$BUILD" >/dev/null 2>&1
rm "$BUILD/install_manifest.txt"
chmod 777 "$BUILD"
if outsider test -r "$BUILD/cmake_install.cmake"; then
	outsider env "DESTDIR=$stage" cmake --install "$BUILD" >"$HOME/install.log" 2>&1 ||
		fail "package of an ordinary user: $(cat "$HOME/install.log")"
	grep -q "$permit -g $group" "$HOME/install.log" || fail "package of an ordinary user: $(cat "$HOME/install.log")"
	check_equal "its xdpshark-hookd" "750 " "$(stat -c %a "$stage$hookd") $(capabilities_of "$stage$hookd")"
fi
# Unpacked, and what its postinst does; then what dpkg-reconfigure does when it is answered "no".
sed -i '/^xdpshark:/d' /etc/passwd /etc/group /etc/shadow
cp -a "$HOME/own/stage.nosuchgroup/usr/local/." /usr/local
check_captures "the package, unpacked" ""
$permit -g $group
check_captures "the package, set up" $group
getent passwd xdpshark >/dev/null || fail "the package has no account xdpshark"
$permit
check_installed "the package, set up for root alone" ""
$permit -g nosuchgroup 2>/dev/null && fail "xdpshark-permit takes a group that does not exist"
check_installed "xdpshark-permit with a wrong group" ""

echo "-- with any umask"
for mask in 000 077; do
	prefix=$HOME/own/masked.$mask
	chmod 777 $libexec
	(
		umask $mask
		DESTDIR=$prefix cmake --install "$BUILD"
		cmake --install "$BUILD" --prefix "$prefix/prefix"
		cmake --install "$BUILD"
	) >"$HOME/install.log" 2>&1 || fail "umask $mask: $(cat "$HOME/install.log")"
	found=$(find "$prefix/" $libexec -mindepth 1 ! -type l -perm /022)
	check_equal "what others may write to, umask $mask" "" "$found"
	check_equal "$libexec, umask $mask" 755 "$(stat -c %a $libexec)"
	check_captures "umask $mask" $group
	rm -r "$prefix"
done

echo "-- elsewhere"
cmake --install "$BUILD" --prefix "$HOME/own/elsewhere" >"$HOME/install.log" 2>&1 || fail "$(cat "$HOME/install.log")"
extcap=$(find /usr/lib -path '*/extcap/xdpshark')
rm -r $libexec /usr/local/bin/xdpshark
for program in "$HOME/own/elsewhere/bin/xdpshark" $extcap; do
	"$program" list | grep -q $hook || fail "$program does not work elsewhere"
done
"$HOME/own/elsewhere/bin/xdpshark" --extcap-interfaces | grep -q "help=file://$HOME/own/elsewhere/share/doc" ||
	fail "the path of the documentation is another"
found=$(grep -rlF -e "$BUILD" -e "$(dirname "$tests")" "$HOME/own/elsewhere" "$HOME/own/stage." || true)
check_equal "files with a path of the build" "" "$found"

echo "-- and gone"
cmake --build "$BUILD" --target uninstall >"$HOME/install.log" 2>&1 || fail "$(cat "$HOME/install.log")"
check_equal "files that were left" "" "$(find "$HOME/own/elsewhere" ! -type d; find /usr/lib -path '*/extcap/xdpshark')"

kill $watcher
wait $watcher || true
check_equal "what the outsider saw" "" "$(sort "$HOME/own/found" | uniq -c)"
