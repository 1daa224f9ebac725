# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by demo.sh and run.sh: installs missing packages, builds.

say()
{
	printf '\n== %s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# prepare_packages demo|tests|all: installs those packages in tests/packages that are missing.
prepare_packages()
{
	local list missing
	case $1 in
	demo) list=$(sed '/^# tests$/,$d' "$top/tests/packages") ;;
	tests) list=$(sed '/^# --all$/,$d' "$top/tests/packages") ;;
	*) list=$(cat "$top/tests/packages") ;;
	esac
	list=$(grep -v '^#' <<<"$list")
	missing=$(for package in $list; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
	done)
	[ -n "$missing" ] || return 0
	say "installing" $missing
	export DEBIAN_FRONTEND=noninteractive
	timeout 300 apt-get update -q >/dev/null || die "apt-get update failed: is there a network?"
	# shellcheck disable=SC2086
	timeout 900 apt-get install -q -y --no-install-recommends $missing >/tmp/xdpshark-apt.$$ 2>&1 ||
		{ tail -n 20 /tmp/xdpshark-apt.$$; die "apt-get install failed"; }
	rm -f /tmp/xdpshark-apt.$$
}

# prepare_build FOLDER [CMAKE ARGUMENT...]
prepare_build()
{
	local folder=$1
	shift
	mkdir -p "$(dirname "$folder")"
	say "building in $folder"
	cmake -S "$top" -B "$folder" -G Ninja "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; die "cmake failed"; }
	timeout 1800 cmake --build "$folder" >>"$folder.log" 2>&1 || { tail -n 60 "$folder.log"; die "the build failed"; }
	rm -f "$folder.log"
}
