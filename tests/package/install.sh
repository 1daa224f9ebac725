#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh BUILD: cmake --install and the target uninstall, as a whole and by component: what was put there goes, with
# the folders that are ours alone, and nothing else does.
set -eu
build=$1
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root, for mounts"; exit 77; }
# The build has one manifest, which other tests write, too: this one writes into a layer over it that ends with its namespace.
if [ "${XDPSHARK_INSTALL:-}" != inside ]; then
	work=$(mktemp -d)
	trap 'rmdir "$work"' EXIT
	XDPSHARK_INSTALL=inside unshare --mount --propagation private "$0" "$build" "$work"
	exit
fi
work=$2
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work"
mount -t overlay overlay -o "lowerdir=$build,upperdir=$work/upper,workdir=$work/work" "$build"

listed()
{
	find "$work/root" -mindepth 1 -printf '%y %m %P\n' | sort
}

for components in "" "xdpshark" "libcbpf0 libcbpf-dev libxdpshark-dev"; do
	rm -rf "$work/root" "$build"/install_manifest*.txt
	# A machine that has some of these folders, files of others in them, and none of the rest.
	mkdir -p "$work/root/usr/local/bin" "$work/root/usr/local/lib" "$work/root/usr/local/include" "$work/root/usr/local/share/doc/other"
	: >"$work/root/usr/local/share/doc/other/copyright"
	: >"$work/root/usr/local/bin/other"
	find "$work/root" -type f | sort >"$work/before"
	if [ -z "$components" ]; then
		DESTDIR=$work/root cmake --install "$build" >"$work/log" || { cat "$work/log"; exit 1; }
	fi
	for component in $components; do
		DESTDIR=$work/root cmake --install "$build" --component "$component" >"$work/log" || { cat "$work/log"; exit 1; }
	done
	find "$work/root" ! -type d | sort >"$work/installed"
	[ "$(wc -l <"$work/installed")" -gt 5 ] || { echo "FAIL: nothing is installed: $(listed)"; exit 1; }
	DESTDIR=$work/root cmake --build "$build" --target uninstall >"$work/log" || { cat "$work/log"; exit 1; }
	find "$work/root" ! -type d | sort | cmp - "$work/before" || { echo "FAIL: <$components> leaves: $(listed)"; exit 1; }
	left=$(find "$work/root" -type d \( -name 'xdpshark*' -o -name cbpf -o -name XDP \))
	[ -z "$left" ] || { echo "FAIL: <$components> leaves folders: $left"; exit 1; }
	[ -d "$work/root/usr/local/lib" ] && [ -d "$work/root/usr/local/include" ] || { echo "FAIL: <$components> removes others' folders"; exit 1; }
	# A second time there is nothing to do, and a first time without an install it says so.
	DESTDIR=$work/root cmake --build "$build" --target uninstall >"$work/log" || { cat "$work/log"; exit 1; }
done
rm -f "$build"/install_manifest*.txt
! cmake --build "$build" --target uninstall >"$work/log" 2>&1 || { echo "FAIL: uninstalls what was never installed"; exit 1; }
grep -q "install_manifest.txt: nothing" "$work/log" || { echo "FAIL: $(cat "$work/log")"; exit 1; }
