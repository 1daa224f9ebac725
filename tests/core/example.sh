#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# example.sh SOURCE BUILD [CFLAG...]: the example in docs/libcbpf.md is tests/core/example.c to the
# letter, builds with the command given there against the installed library, and its XDP program
# drops what the filter matches.
set -eu

if [ "${EXAMPLE:-}" != inside ]; then
	[ "$(id -u)" = 0 ] || { echo "SKIP: needs root, to load an XDP program"; exit 77; }
	for tool in bpftool pkg-config unshare; do
		command -v "$tool" >/dev/null || { echo "SKIP: no $tool"; exit 77; }
	done
	exec env EXAMPLE=inside unshare --mount --propagation private "$0" "$@"
fi

source=$1
build=$2
shift 2
folder=$(mktemp -d /tmp/cbpf-example.XXXXXX)
trap 'umount -q -l "$folder/bpf" 2>/dev/null || true; rm -rf "$folder"' EXIT

fail()
{
	printf 'FAIL: %s\n' "$*" >&2
	exit 1
}

# The example in the page. shellcheck disable=SC2016
sed -n '/^```c$/,/^```$/{/^```/!p}' "$source/docs/libcbpf.md" >"$folder/example.c"
diff -u "$source/tests/core/example.c" "$folder/example.c" || fail "docs/libcbpf.md has a different example"

# Use the installed library, not one of the machine's own.
DESTDIR=$folder/stage cmake --install "$build/core" >"$folder/log" || { cat "$folder/log"; exit 1; }
description=$(find "$folder/stage" -name libcbpf.pc)
[ -n "$description" ] || fail "no libcbpf.pc is installed"
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
staged=$(PKG_CONFIG_SYSROOT_DIR=$folder/stage PKG_CONFIG_PATH=$(dirname "$description") pkg-config --cflags --libs libcbpf)
# shellcheck disable=SC2046,SC2086
cc -O2 -Wall -Wextra -Werror "$@" -o "$folder/example" "$folder/example.c" $staged $(pkg-config --cflags --libs libbpf libpcap)
LD_LIBRARY_PATH=$(dirname "$(dirname "$description")")
export LD_LIBRARY_PATH
[ "$(ldd "$folder/example" | grep -c "libcbpf.so.0 => $folder/")" = 1 ] || fail "another libcbpf is used"

# UDP over IPv4 from port 0x8000 to port 53, and the same as TCP.
mkdir "$folder/bpf"
mount -t bpf bpf "$folder/bpf"
packet()
{
	# shellcheck disable=SC2059
	printf "\\2\\0\\0\\0\\0\\2\\2\\0\\0\\0\\0\\1\\10\\0\\105\\0\\0\\44\\0\\0\\0\\0\\100\\$1\\0\\0\\12\\11\\0\\1\\12\\11\\0\\2"
	printf '\200\0\0\65\0\20\0\0\0\0\0\0\0\0\0\0'
}
packet 21 >"$folder/udp"
packet 6 >"$folder/tcp"
"$folder/example" "udp port 53" "$folder/bpf/filter"
# verdict PACKET EXPECTED
verdict()
{
	bpftool prog run pinned "$folder/bpf/filter" data_in "$folder/$1" >"$folder/run" 2>&1 || { cat "$folder/run"; exit 1; }
	grep -q "^Return value: $2," "$folder/run" || fail "$1: not $2 but $(cat "$folder/run")"
}
verdict udp 1 # XDP_DROP
verdict tcp 2 # XDP_PASS

# Errors are reported.
! "$folder/example" "no such thing" "$folder/bpf/other" 2>"$folder/error" || fail "accepts an invalid filter"
grep -q '^example: ' "$folder/error" || fail "does not say why: $(cat "$folder/error")"
! "$folder/example" "udp" "$folder/bpf/filter" 2>"$folder/error" || fail "accepts a pin that exists"
echo "the example drops what its filter matches"
