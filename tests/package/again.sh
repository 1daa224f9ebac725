#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# again.sh BUILD FOLDER: the packages of FOLDER/1, built once more from the tarball of the sources: in another folder, with
# another umask, language and time zone, and in the order of another number of processes. The bytes are the same.
set -eu
build=$1
folder=$2
[ -d "$folder/1" ] || { echo "SKIP: needs the packages of package.build"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$build" && cpack --config CPackSourceConfig.cmake -B "$work") >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
rm -rf "$work/_CPack_Packages"
umask 077
tar -xf "$work"/xdpshark-*.tar.gz -C "$work" --no-same-permissions
changelog=$(dpkg-deb --fsys-tarfile "$folder"/1/xdpshark_*.deb | tar -xO ./usr/share/doc/xdpshark/changelog.Debian.gz | zcat)
SOURCE_DATE_EPOCH=$(date -d "$(sed -n 's/^ -- .*>  //p' <<<"$changelog")" +%s)
export SOURCE_DATE_EPOCH CCACHE_DISABLE=1 LC_ALL=C.UTF-8 TZ=Asia/Kathmandu CMAKE_BUILD_PARALLEL_LEVEL=1
cd "$work"/xdpshark-*/
cmake -S . -B ../a-build -DXDPSHARK_BUILD_TESTS=OFF -DCMAKE_BUILD_TYPE=Debug >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
(cd ../a-build && cpack -G DEB) >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }
for deb in ../a-build/*.deb; do
	cmp "$deb" "$folder/1/${deb##*/}" || { echo "FAIL: ${deb##*/} is another"; exit 1; }
done
