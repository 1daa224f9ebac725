#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rpm.sh BUILD: rpmbuild makes packages of the spec and the tarball of the sources; installed by rpm over a copy of this
# machine that goes with the test, they let in the group, and removed they leave nothing.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root, for mounts"; exit 77; }
for tool in rpmbuild setcap; do
	command -v $tool >/dev/null || { echo "SKIP: needs $tool (rpm, libcap2-bin)"; exit 77; }
done

fail()
{
	printf 'FAIL: %s\n' "$*" >&2
	exit 1
}

# Inside: over the machine's files lies a layer of this namespace's own, in memory. Nothing of /dev, /run or /tmp is in it.
if [ "${XDPSHARK_RPM:-}" = inside ]; then
	work=$2
	mount -t tmpfs layer "$work/layer"
	mkdir "$work/layer/upper" "$work/layer/work"
	mount -t overlay overlay -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" "$work/root"
	root=$work/root
	mount -t proc proc "$root/proc"
	mount -t tmpfs run "$root/run"
	mount -t tmpfs dev "$root/dev"
	mknod -m 666 "$root/dev/null" c 1 3
	mount -t tmpfs tmp "$root/tmp"
	cp "$work"/RPMS/*/*.rpm "$root/tmp"
	cp -a /usr/lib/rpm "$root/usr/lib" 2>/dev/null || true
	hookd=$root/usr/libexec/xdpshark/xdpshark-hookd
	chroot "$root" sed -i '/^wireshark:/d; /^xdpshark:/d' /etc/passwd /etc/group /etc/shadow /etc/gshadow
	chroot "$root" sh -c 'rpm --initdb && exec rpm -i --nodeps /tmp/*.rpm' >"$work/log" 2>&1 || fail "rpm -i: $(cat "$work/log")"
	[ "$(chroot "$root" stat -c '%a %U %G' /usr/libexec/xdpshark/xdpshark-hookd)" = "750 root wireshark" ] ||
		fail "installed: $(ls -l "$hookd") $(cat "$work/log")"
	getcap "$hookd" | grep -q cap_sys_admin || fail "installed: no capabilities"
	chroot "$root" getent passwd xdpshark | grep -q nologin || fail "installed: no account"
	chroot "$root" /usr/bin/xdpshark --version >/dev/null || fail "the program does not run"
	chroot "$root" sh -c 'exec rpm -i --replacepkgs --replacefiles --nodeps /tmp/*.rpm' >"$work/log" 2>&1 || fail "again: $(cat "$work/log")"
	getcap "$hookd" | grep -q cap_sys_admin || fail "installed again: no capabilities"
	chroot "$root" rpm -V xdpshark --nodeps || fail "rpm -V"
	packages=$(chroot "$root" rpm -qa | xargs)
	# shellcheck disable=SC2086
	chroot "$root" rpm -e --nodeps $packages >"$work/log" 2>&1 || fail "rpm -e: $(cat "$work/log")"
	! chroot "$root" getent passwd xdpshark || fail "removed: the account is left"
	for path in /usr/bin/xdpshark /usr/libexec/xdpshark /usr/include/cbpf /usr/share/doc/xdpshark /run/xdpshark; do
		[ ! -e "$root$path" ] || fail "removed: $path is left"
	done
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
mkdir "$work/SOURCES" "$work/layer" "$work/root"
(cd "$build" && cpack --config CPackSourceConfig.cmake -B "$work/SOURCES") >"$work/log" 2>&1 || fail "$(cat "$work/log")"
rpmbuild -ba --nodeps --define "_topdir $work" "$top/extcap/install/rpm/xdpshark.spec" >"$work/log" 2>&1 || fail "$(tail -n 40 "$work/log")"
names=$(rpm -qp --qf '%{NAME}\n' "$work"/RPMS/*/*.rpm "$work"/SRPMS/*.rpm | sort | xargs)
[ "$names" = "libcbpf libcbpf-devel xdpshark xdpshark xdpshark-devel xdpshark-wireshark" ] || fail "packages: $names"
XDPSHARK_RPM=inside unshare --mount --propagation private "$0" "$build" "$work"
