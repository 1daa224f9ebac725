#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of tc are captured as those of XDP are.
set -eu
tests=$(cd "$(dirname "$0")/../.." && pwd)
export TRACING_NEEDED=1
"$tests/tc/capture.sh" "$BUILD/tests/tc/decide.bpf.o"
rm -r /sys/fs/bpf/*
exec "$tests/tc/places.sh" "$BUILD/tests/tc/decide.bpf.o"
