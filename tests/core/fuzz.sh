#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
# fuzz.sh CLANG PROGRAM CORE TESTS [SECONDS]: builds the libFuzzer target and runs it for a while.
clang=$1 program=$2 core=$3 tests=$4 seconds=${5:-10}

if [ -z "$clang" ] || [ "$clang" = CORE_FUZZ_CLANG-NOTFOUND ]; then
	echo "SKIP: no clang for the fuzzer"
	exit 77
fi
if ! echo 'int LLVMFuzzerTestOneInput(void){return 0;}' |
	"$clang" -x c - -fsanitize=fuzzer -o "$program" 2>/dev/null; then
	echo "SKIP: clang has no fuzzer runtime (Debian: libclang-rt-14-dev)"
	exit 77
fi
set -e
"$clang" -std=c11 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined -I"$core/include" -I"$core" -o "$program" \
	"$tests/fuzz.c" "$tests/vm.c" "$core"/*.c
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
cd "$corpus"
"$program" -max_total_time="$seconds" -max_len=2048 -timeout=10 -rss_limit_mb=1024 \
	-verbosity=0 -print_final_stats=1 "$corpus" 2>&1 | tail -12
# The pipe hides the fuzzer's status, but a finding leaves a file behind.
test -z "$(find "$corpus" -name 'crash-*' -o -name 'timeout-*' -o -name 'oom-*' -o -name 'leak-*')"
