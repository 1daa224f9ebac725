#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# version.sh SOURCE VERSION: all places that say the version say the same.
set -eu
source=$1
version=$2

check()
{
	[ "$2" = "$version" ] || { echo "FAIL: $1 says <$2>, CMakeLists.txt $version"; exit 1; }
}
heading=$(grep -m 1 '^## ' "$source/docs/changes.md")
[[ $heading =~ ^##\ [0-9]+\.[0-9]+\.[0-9]+\ \((not\ released|[0-9]{4}-[0-9]{2}-[0-9]{2})\)$ ]] || { echo "FAIL: docs/changes.md: $heading"; exit 1; }
check docs/changes.md "$(cut -d ' ' -f 2 <<<"$heading")"
check "the spec" "$(sed -n 's/^Version: *//p' "$source/extcap/install/rpm/xdpshark.spec")"
# What was released is newest first.
grep '^## ' "$source/docs/changes.md" | cut -d ' ' -f 2 | sort -V -r -c || { echo "FAIL: docs/changes.md is not in order"; exit 1; }
