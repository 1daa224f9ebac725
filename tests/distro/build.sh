#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh: program, plugin and tests build in the current folder, without a warning.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
[ ! -f CMakeCache.txt ] || exec cmake --build .
cmake -S "$top" -B . -G Ninja -DXDPSHARK_WERROR=ON
cmake --build .
