#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs missing packages, builds, and runs every test: formatting, clang-tidy, and ctest with the
# release build and with ASan and UBSan in everything but BPF. Ends with 'N passed, N failed, N
# skipped'.
#
#	tests/run.sh           everything that takes minutes, part of it also in Linux 5.10 and 6.1
#	tests/run.sh quick     only the tests of the release build
#	tests/run.sh --all     everything in five kernels in QEMU and with three Wiresharks
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
[ "$(id -u)" = 0 ] || { echo "run.sh: needs root, for BPF and network namespaces: sudo tests/run.sh" >&2; exit 1; }
. tests/prepare.sh
passed=0
failed=0
skipped=0

# check NAME COMMAND...: counts one check.
check()
{
	local name=$1
	shift
	say "$name"
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
	fi
}

# run_ctest BUILD [ARGUMENT...]: counts each test.
run_ctest()
{
	local build=$1 log=$1/ctest.log
	shift
	say "tests in $build"
	timeout 14400 ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" "$@" </dev/null | tee "$log" || true
	passed=$((passed + $(grep -cE 'Test +#[0-9]+: .*Passed' "$log" || true)))
	skipped=$((skipped + $(grep -cE 'Test +#[0-9]+: .*Skipped' "$log" || true)))
	# From the list at the end: tests that are retried have several lines.
	failed=$((failed + $(sed -n '/^The following tests FAILED/,$p' "$log" | grep -cE '^\s+[0-9]+ - ' || true)))
	grep -q 'tests passed' "$log" || { echo "FAILED: ctest did not run"; failed=$((failed + 1)); }
}

# fetch COMMAND...: reports what it cannot download; the tests that need it are skipped.
fetch()
{
	say "$*"
	timeout 1800 "$@" || true
}

check_format()
{
	git ls-files -z '*.c' '*.h' | xargs -0 clang-format --dry-run --Werror
}

# Every source file names its licence.
check_licences()
{
	local missing
	missing=$(git ls-files '*.c' '*.h' '*.sh' '*.py' '*CMakeLists.txt' tests/sandbox .ci/run |
		xargs grep -L 'SPDX-License-Identifier' || true)
	[ -z "$missing" ] || { echo "no SPDX line: $missing"; return 1; }
}

check_tidy()
{
	git ls-files 'core/*.c' 'extcap/*.c' 'dissector/*.c' |
		timeout 1800 xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$1" 2>/dev/null
}

if [ "${1:-}" = --all ]; then
	prepare_packages all
else
	prepare_packages tests
fi
prepare_build build/release -DXDPSHARK_WERROR=ON
run_ctest build/release -LE 'vm|distro|cross|nightly|package-all'
case ${1:-} in
quick)
	;;
--all)
	fetch tests/vm/get 5.10 6.1 6.12 6.12-rt 6 7
	fetch tests/distro/get trixie sid
	fetch tests/package/get HERE trixie
	run_ctest build/release -L 'vm|distro|cross|nightly|package-all' --repeat until-pass:2
	;;
*)
	fetch tests/vm/get 5.10 6.1
	# In an emulated kernel on a busy machine a test may run into a time limit.
	run_ctest build/release -L 'vm-ci|cross' --repeat until-pass:2
	;;
esac
if [ "${1:-}" != quick ]; then
	check "clang-format" check_format
	check "licences" check_licences
	check "clang-tidy" check_tidy build/release
	prepare_build build/sanitize -DCMAKE_BUILD_TYPE=Debug -DXDPSHARK_WERROR=ON -DXDPSHARK_SANITIZE=ON
	# Without the tests that need the installed plugin: tshark cannot load one with sanitizers.
	run_ctest build/sanitize -LE 'corpus|bench|release|vm|distro|cross|nightly'
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
