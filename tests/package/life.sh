#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# life.sh RELEASE: the packages of package.build in a clean Debian: installed, used by a member of the group, upgraded and
# removed with a capture running, purged. Runs as `tests/sandbox BUILD life.sh RELEASE`; that xdpshark only looks at the
# slots. The Debian is made by tests/package/get; what apt downloads is kept beside it.
set -eu
# All mounts are those of a namespace of its own and end with it, so that nothing that is mounted can be taken for the
# sandbox's when that is removed. Nothing of the machine's /dev is in it.
if [ "${XDPSHARK_LIFE:-}" != inside ]; then
	exec env XDPSHARK_LIFE=inside unshare --mount --propagation private "$0" "$@"
fi
. "$(dirname "$0")/../capture/steps.sh"
release=$1
debs=$BUILD/tests/package/$release
[ "$release" != HERE ] || release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# HOME is the sandbox's.
cache=${XDPSHARK_CACHE:-$(getent passwd 0 | cut -d : -f 6)/.cache/xdpshark}/package
[ -d "$debs/2" ] || { echo "SKIP: needs the packages of package.build"; exit 77; }
[ -x "$cache/$release/usr/bin/apt-get" ] || { echo "SKIP: $release is not in $cache: tests/package/get $release"; exit 77; }

root=$HOME/root
group=wireshark
hookd=/usr/libexec/xdpshark/xdpshark-hookd
mkdir -p "$root" "$HOME/layer" "$cache/$release.archives/partial"
mount -t tmpfs tmpfs "$HOME/layer"
mkdir "$HOME/layer/upper" "$HOME/layer/work"
mount -t overlay overlay -o "lowerdir=$cache/$release,upperdir=$HOME/layer/upper,workdir=$HOME/layer/work" "$root"
trap world_remove EXIT
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
while read -r name major minor; do
	mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done <<'DEVICES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
DEVICES
ln -s /proc/self/fd "$root/dev/fd"
mount -t sysfs sysfs "$root/sys"
mount --bind /sys/fs/bpf "$root/sys/fs/bpf"
mount -t tmpfs run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount --bind "$cache/$release.archives" "$root/var/cache/apt/archives"
mkdir "$root/tmp/1" "$root/tmp/2"
cp "$debs"/1/*.deb "$root/tmp/1"
cp "$debs"/2/*.deb "$root/tmp/2"
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

inside()
{
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 timeout 600 chroot "$root" "$@"
}

# as USER COMMAND...: as who logs in now.
as()
{
	local user=$1
	shift
	HOME=/tmp LC_ALL=C.UTF-8 timeout 300 chroot "$root" setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

apt()
{
	inside apt-get -q -y --no-install-recommends "$@" >"$HOME/apt.log" 2>&1 || fail "apt-get $*: $(tail -n 30 "$HOME/apt.log")"
}

install_revision()
{
	# The dependencies are downloaded once, and kept.
	inside sh -c "exec apt-get -q -y --no-install-recommends install /tmp/$1/*.deb ${2:-}" >"$HOME/apt.log" 2>&1 ||
		fail "installing revision $1: $(tail -n 30 "$HOME/apt.log")"
	grep -i 'xdpshark: only root\|warning: .*xdpshark' "$HOME/apt.log" && fail "revision $1: $(cat "$HOME/apt.log")"
	return 0
}

# check_permission WHEN GROUP: root alone if that is empty.
check_permission()
{
	check_equal "$1: hookd" "750 root ${2:-root}" "$(inside stat -c '%a %U %G' $hookd)"
	case $(getcap "$root$hookd") in
	*cap_sys_admin*) [ -n "$2" ] || fail "$1: xdpshark-hookd has capabilities" ;;
	*) [ -z "$2" ] || fail "$1: xdpshark-hookd has no capabilities" ;;
	esac
	inside xdpshark list | grep -q "$hook" || fail "$1: root sees no hook"
	! as outsider xdpshark list 2>/dev/null | grep -q "$hook" || fail "$1: somebody outside of the group sees the hook"
	if [ -n "$2" ]; then
		as member xdpshark list | grep -q "$hook" || fail "$1: a member sees no hook"
	else
		! as member xdpshark list 2>/dev/null | grep -q "$hook" || fail "$1: an ordinary user sees the hook"
	fi
}

answer()
{
	echo "xdpshark xdpshark/members-capture boolean $1" | inside debconf-set-selections
	inside dpkg-reconfigure xdpshark 2>"$HOME/log" || fail "dpkg-reconfigure: $(cat "$HOME/log")"
}

# A capture of a member; its last line is in $HOME/errors.
capture_begin()
{
	as member xdpshark capture "$hook" -w /tmp/capture.pcapng 'udp portrange 1000-1004' 2>"$HOME/errors" &
	capture=$!
	wait_for 30 is_capturing || fail "no capture: $(cat "$HOME/errors")"
}

has_captured()
{
	[ "$(packets "$root/tmp/capture.pcapng")" = "$1" ]
}

capture_finish()
{
	local status=0 pid
	pid=$(pgrep -P "$capture" || true) # below timeout
	kill "${pid:-$capture}"
	wait "$capture" || status=$?
	check_equal "status of the capture: $(cat "$HOME/errors")" 0 $status
	wait_for 20 is_not_capturing || fail "the slots are not given back"
	check_equal "packets" "$1" "$(packets "$root/tmp/capture.pcapng")"
	rm "$root/tmp/capture.pcapng"
}

# Files and folders by their names, but for dpkg's own and what is mounted here.
names_left()
{
	(cd "$root" && find . -xdev \( -path ./var/cache/apt -o -path ./tmp \) -prune -o \( -iname '*xdpshark*' -o -name 'libcbpf*' \) -print
		find ./run -name '*xdpshark*') | sort
}

world_create
world_attach "$example"
inside useradd -m member
inside useradd -m outsider

echo "-- installed, nobody was let in"
if ! timeout 300 chroot "$root" apt-get -qq update >"$HOME/log" 2>&1; then
	echo "SKIP: no archive of Debian can be reached: $(tail -n 1 "$HOME/log")"
	exit 77
fi
# adduser: wireshark-common removes its group with that, and trixie does not always have it.
install_revision 1 "adduser tshark"
check_permission "installed" ""
as member xdpshark list 2>&1 | grep -q . || fail "an ordinary user is not told why"
! inside getent group $group | grep -q . || fail "there is a group that nobody asked for"
inside ldconfig -p | grep -q 'libcbpf.so.0' || fail "ldconfig does not know libcbpf"
inside tshark -D 2>/dev/null | grep -q "xdp:$hook" || fail "tshark does not list the hook"
inside tshark -G fields 2>/dev/null | grep -qP '\txdp\.action\t' || fail "tshark has no plugin"

echo "-- the group is let in"
answer true
inside usermod -aG $group member
check_permission "answered yes" $group
inside getent passwd xdpshark | grep -q nologin || fail "there is no account xdpshark"
capture_begin
send --count 10 1000 1001 1002 1003 1004 >/dev/null
wait_for 20 has_captured 10 || fail "packets: $(packets "$root/tmp/capture.pcapng")"
as member cp /tmp/capture.pcapng /tmp/seen.pcapng
capture_finish 10
as member tshark -D 2>/dev/null | grep -q "xdp:$hook" || fail "tshark of a member does not list the hook"

echo "-- manual pages, Tab, and the profile"
apt install man-db bash-completion
for page in xdpshark xdpshark-capture xdpshark-filter xdp-fields cbpf xdpshark_hook; do
	as member man "$page" 2>"$HOME/errors" | grep -qi "^$page(" || fail "man $page: $(cat "$HOME/errors")"
done
/usr/bin/python3 - "$(realpath "$tests/manual")" "$root" "$hook" <<'END' || fail "see above"
import sys

tests, root, hook = sys.argv[1:]
sys.path.insert(0, tests)
sys.dont_write_bytecode = True
import shell


class Member(shell.Shell):
    """bash of a member in there, which finds the completion by itself, as after a login."""

    def __init__(self):
        super().__init__(["chroot", root, "setpriv", "--reuid", "member", "--regid", "member", "--init-groups", "env", "HOME=/tmp",
                          "bash", "--norc", "--noprofile", "-i"],
                         "PS1='> '; bind 'set enable-bracketed-paste off'; . /usr/share/bash-completion/bash_completion")


asked = Member()
for text, end in ("xdpshark cap", "capture"), ("xdpshark capture --samp", "--sample="), (f"xdpshark capture {hook[:-3]}", hook):
    found = asked.tab(text)
    if found[-1] != end:
        sys.exit(f"TAB behind '{text}': {found}")
END
as member tshark -C XDP -r /tmp/seen.pcapng 2>"$HOME/errors" | grep -q DROP || fail "the profile: $(cat "$HOME/errors")"

echo "-- upgraded with a capture running"
capture_begin
send --count 10 1000 1001 1002 1003 1004 >/dev/null
account=$(ps -o user:32=,args= -e | awk '/xdpshark-hookd/ && !/awk/ { print $1 }' | sort -u)
install_revision 2
[[ $(inside dpkg-query -W -f '${Version}' xdpshark) = *-2* ]] || fail "not upgraded"
send --count 10 1000 1001 1002 1003 1004 >/dev/null
check_permission "upgraded" $group
capture_finish 20
capture_begin
send --count 5 1001 >/dev/null
capture_finish 5
[ -n "$account" ] || fail "no xdpshark-hookd ran"

echo "-- taken back, and given again"
answer false
check_permission "answered no" ""
answer true
check_permission "answered yes again" $group

echo "-- Wireshark goes, and takes the group along"
apt purge wireshark-common
grep -q "xdpshark: only root captures, since wireshark-common" "$HOME/apt.log" || fail "nothing is said: $(cat "$HOME/apt.log")"
! inside getent group $group || fail "the group is still there: this test is to be changed"
check_permission "without the group" ""
answer true
as member xdpshark list 2>/dev/null | grep -q "$hook" && fail "somebody is in a new group"
inside usermod -aG $group member
check_permission "with a new group" $group
apt install tshark
check_permission "with Wireshark again" $group
inside dpkg --purge tshark wireshark-common >"$HOME/log" 2>&1 || fail "dpkg --purge: $(cat "$HOME/log")"
check_equal "the group, purged and made again" "root $group " \
	"$(inside stat -c '%U %G' $hookd) $(inside getent group $group | cut -d: -f4)"
inside usermod -aG $group member
install_revision 2 tshark

echo "-- removed with a capture running"
capture_begin
send --count 10 1000 1001 1002 1003 1004 >/dev/null
apt remove xdpshark xdpshark-wireshark libcbpf0 libcbpf-dev libxdpshark-dev
[ ! -e "$root$hookd" ] || fail "xdpshark-hookd is left"
send --count 10 1000 1001 1002 1003 1004 >/dev/null
capture_finish 20
check_equal "what is left but for dpkg's own" "./run/xdpshark ./var/lib/xdpshark" \
	"$(names_left | grep -v /var/lib/dpkg/ | xargs)"
install_revision 2
check_permission "installed again, the answer was kept" $group

echo "-- purged: nobody is in"
apt purge xdpshark xdpshark-wireshark libcbpf0 libcbpf-dev libxdpshark-dev
check_equal "what is left" "" "$(names_left)"
! inside getent passwd xdpshark >/dev/null || fail "the account is left"
! inside getent group $group >/dev/null || fail "the group is left: $(inside getent group $group)"
! inside id member | grep -q $group || fail "somebody is left in the group"
install_revision 2
check_permission "installed anew" ""

echo "-- a group that was there before is not ours to remove"
apt purge xdpshark
inside groupadd -r $group
inside usermod -aG $group member
echo "xdpshark xdpshark/members-capture boolean true" | inside debconf-set-selections
install_revision 2
check_permission "preseeded" $group
apt purge xdpshark
inside getent group $group | grep -q member || fail "somebody else's group is gone"

echo "-- where no file can have capabilities, root captures, and the package is installed all the same"
echo "xdpshark xdpshark/members-capture boolean true" | inside debconf-set-selections
setcap=$(inside sh -c 'command -v setcap')
mv "$root$setcap" "$root$setcap.real"
printf '#!/bin/sh\nexit 1\n' >"$root$setcap"
chmod +x "$root$setcap"
apt install "/tmp/2/$(basename "$root"/tmp/2/xdpshark_*.deb)"
grep -q "xdpshark: only root captures" "$HOME/apt.log" || fail "nothing is said: $(cat "$HOME/apt.log")"
check_permission "without setcap" ""
