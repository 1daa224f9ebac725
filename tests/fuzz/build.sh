#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh CLANG SOURCE FOLDER: builds the libFuzzer targets.
set -eu
clang=$1 source=$2 folder=$3

mkdir -p "$folder"
if [ ! -x "$clang" ]; then
	echo "SKIP: no clang for the fuzzer"
	exit 77
fi
if ! echo 'int LLVMFuzzerTestOneInput(void){return 0;}' |
	"$clang" -x c - -fsanitize=fuzzer -o "$folder/probe" 2>/dev/null; then
	echo "SKIP: $clang has no fuzzer runtime (Debian: libclang-rt-14-dev)"
	exit 77
fi
cmake -S "$source" -B "$folder" -G Ninja -DCMAKE_C_COMPILER="$clang" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	-DXDPSHARK_FUZZ=ON
cmake --build "$folder" --target fuzz
