#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh BUILD FOLDER [RELEASE]: packages, and those of the next revision, in FOLDER/1 and 2; in that release of Debian
# if one is named (tests/distro/get). Looks at what is in them, and has lintian do so.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
build=$1
folder=$2
if [ $# -gt 2 ]; then
	mkdir -p "$folder/build"
	unset CMAKE_C_COMPILER_LAUNCHER # there may be no ccache in it
	cd "$folder"
	exec "$tests/distro/run" "$3" "$0" "$folder/build" "$folder"
fi
for tool in lintian fakeroot dpkg-shlibdeps file; do
	command -v $tool >/dev/null || { echo "SKIP: needs $tool (lintian, fakeroot, dpkg-dev, file)"; exit 77; }
done

fail()
{
	printf 'FAIL: %s\n' "$*" >&2
	exit 1
}

# Another root for what is built in a chroot.
if [ ! -f "$build/CMakeCache.txt" ]; then
	cmake -S "$tests/.." -B "$build" -G Ninja -DXDPSHARK_BUILD_TESTS=OFF >"$build/cmake.log" || fail "$(cat "$build/cmake.log")"
fi
unset SOURCE_DATE_EPOCH
rm -rf "$folder/1" "$folder/2"
for revision in 1 2; do
	mkdir -p "$folder/$revision"
	(cd "$build" && cpack -G DEB -B "$folder/$revision" -D CPACK_DEBIAN_PACKAGE_RELEASE=$revision) >"$folder/$revision.log" 2>&1 ||
		fail "$(tail -n 40 "$folder/$revision.log")"
	! grep -i warning "$folder/$revision.log" || fail "cpack warns"
	rm -rf "$folder/$revision/_CPack_Packages"
done
cd "$folder/1"
lintian --no-cfg --allow-root --fail-on error,warning -- *.deb >"$folder/lintian.log" 2>&1 || fail "$(cat "$folder/lintian.log")"

packages=$(for deb in *.deb; do dpkg-deb -f "$deb" Package; done | sort | xargs)
[ "$packages" = "libcbpf-dev libcbpf0 libxdpshark-dev xdpshark xdpshark-wireshark" ] || fail "packages: $packages"
for deb in *.deb; do
	[ "$(dpkg-deb -f "$deb" Source)" = xdpshark ] || fail "$deb: source"
	dpkg --compare-versions "$(dpkg-deb -f "$deb" Version)" lt "$(dpkg-deb -f "../2/${deb/-1/-2}" Version)" || fail "$deb: revision 2 is older"
	dpkg-deb -f "$deb" Depends | grep -q 'x86-64\|(= *)' && fail "$deb: $(dpkg-deb -f "$deb" Depends)"
	dpkg-deb -c "$deb" | awk -v deb="${deb%%_*}" '{ print deb, $1, $2, $6 }'
done >"$folder/contents"

# What it is linked with, dpkg finds; what it runs, it cannot.
depends=$(dpkg-deb -f xdpshark_*.deb Depends)
for library in libbpf libcap-ng libglib2.0 libjson-glib libmnl libpcap libseccomp libzstd zlib1g; do
	[[ $depends = *$library* ]] || fail "xdpshark does not depend on $library: $depends"
done
[[ $(dpkg-deb -f xdpshark_*.deb Recommends) = *openssh-client* ]] || fail "xdpshark does not recommend ssh"

# Nothing belongs to others than root, or can be written by others; one program alone is not for all.
awk '$3 != "root/root" || ($2 !~ /^l/ && $2 ~ /^......?.?w|^........w|[sStT]/)' "$folder/contents" >"$folder/wrong"
[ ! -s "$folder/wrong" ] || fail "owners and modes: $(cat "$folder/wrong")"
[ "$(awk '$2 !~ /^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx)$/' "$folder/contents")" = \
	"xdpshark -rwxr-x--- root/root ./usr/libexec/xdpshark/xdpshark-hookd" ] || fail "modes: $(awk '$2 ~ /---/' "$folder/contents")"
# No file is in two packages, and each is where it belongs.
twice=$(awk '$4 !~ /\/$/ { print $4 }' "$folder/contents" | sort | uniq -d)
[ -z "$twice" ] || fail "in two packages: $twice"
while read -r package path; do
	grep -qE "^$package [^ ]+ [^ ]+ $path\$" "$folder/contents" || fail "$package has no $path: $(grep "^$package " "$folder/contents")"
done <<'PATHS'
xdpshark ./usr/bin/xdpshark
xdpshark ./usr/libexec/xdpshark/xdpshark-permit
xdpshark ./usr/share/doc/xdpshark/README.md
xdpshark ./usr/share/doc/xdpshark/docs/dialog.html
xdpshark ./usr/share/doc/xdpshark/docs/metrics.md
xdpshark ./usr/share/doc/xdpshark/docs/security.md
xdpshark ./usr/share/doc/xdpshark/docs/wireshark-remote.png
xdpshark ./usr/share/man/man1/xdpshark.1.gz
xdpshark ./usr/share/man/man1/xdpshark-stat.1.gz
xdpshark ./usr/share/man/man7/xdp-fields.7.gz
xdpshark ./usr/share/bash-completion/completions/xdpshark
xdpshark ./usr/share/fish/vendor_completions.d/xdpshark.fish
xdpshark ./usr/share/zsh/vendor-completions/_xdpshark
libcbpf-dev ./usr/share/man/man3/cbpf.3.gz
libxdpshark-dev ./usr/share/man/man3/xdpshark_hook.3.gz
xdpshark-wireshark ./usr/lib.*/wireshark/extcap/xdpshark
xdpshark-wireshark ./usr/lib/.*/wireshark/plugins/[0-9.]+/epan/xdp.so
xdpshark-wireshark ./usr/share/wireshark/profiles/XDP/colorfilters
libcbpf0 ./usr/lib/[^/]+/libcbpf.so.0
libcbpf-dev ./usr/lib/[^/]+/libcbpf.so
libcbpf-dev ./usr/lib/[^/]+/libcbpf.a
libcbpf-dev ./usr/lib/[^/]+/pkgconfig/libcbpf.pc
libcbpf-dev ./usr/include/cbpf/cbpf.h
libcbpf-dev ./usr/share/man/man3/cbpf.3.gz
libxdpshark-dev ./usr/include/xdpshark_hook.h
libxdpshark-dev ./usr/share/man/man3/xdpshark_hook.3.gz
libxdpshark-dev ./usr/share/pkgconfig/xdpshark.pc
PATHS
strange=$(awk '$4 !~ /^\.\/usr\/(bin|libexec|lib|include|share)?/ && $4 != "./" { print $4 }' "$folder/contents")
[ -z "$strange" ] || fail "files elsewhere: $strange"
if grep -q '^xdpshark .*/man3/' "$folder/contents"; then
	fail "pages about headers in xdpshark"
fi

# The extcap's link leads to the program, pkg-config to the header, and nothing knows where it was built.
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
for deb in *.deb; do
	dpkg-deb -x "$deb" "$tree"
done
link=$(find "$tree" -path '*/extcap/xdpshark')
[ "$(realpath "$link")" = "$tree/usr/bin/xdpshark" ] || fail "the link leads to $(readlink "$link")"
grep -q '^prefix=/usr$' "$tree/usr/share/pkgconfig/xdpshark.pc" || fail "xdpshark.pc: $(cat "$tree/usr/share/pkgconfig/xdpshark.pc")"
found=$(grep -rlF -e "$build" -e "$(dirname "$tests")" "$tree" || true)
[ -z "$found" ] || fail "files with a path of the build: $found"
grep -q '^xdpshark ('"$(dpkg-deb -f xdpshark_*.deb Version)"')' <(zcat "$tree/usr/share/doc/xdpshark/changelog.Debian.gz") ||
	fail "the changelog has another version"
