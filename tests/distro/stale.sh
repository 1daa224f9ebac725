#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A release that was made for other packages than those named now is not used as it is: run has get mend it first.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root, for chroot"; exit 77; }
XDPSHARK_CACHE=$(mktemp -d)
export XDPSHARK_CACHE
trap 'rm -rf "$XDPSHARK_CACHE"' EXIT
root=$XDPSHARK_CACHE/distro/old
mkdir -p "$root/usr/bin" "$root/usr/sbin"
# A release in which nothing can be installed.
printf '#!/bin/sh\nexit 1\n' | tee "$root/usr/bin/apt-get" >"$root/usr/bin/tshark"
chmod +x "$root"/usr/bin/*

for named in "$("$here/get" --packages | sed 1d)" ""; do
	echo "$named" >"$XDPSHARK_CACHE/distro/old.packages"
	status=0
	"$here/run" old true >"$XDPSHARK_CACHE/log" 2>&1 || status=$?
	[ $status = 77 ] && grep -q "^SKIP: old: not all packages can be installed" "$XDPSHARK_CACHE/log" ||
		{ echo "FAIL: made for other packages, and used ($status): $(cat "$XDPSHARK_CACHE/log")"; exit 1; }
done
"$here/get" --packages >"$XDPSHARK_CACHE/distro/old.packages"
"$here/run" old true >"$XDPSHARK_CACHE/log" 2>&1 || true
! grep -q "^SKIP" "$XDPSHARK_CACHE/log" || { echo "FAIL: mended without need: $(cat "$XDPSHARK_CACHE/log")"; exit 1; }
