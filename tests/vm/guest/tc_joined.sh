#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of tc that are attached during a capture.
set -eu
tests=$(cd "$(dirname "$0")/../.." && pwd)
export TRACING_NEEDED=1
"$tests/tc/joined.sh" "$BUILD/tests/tc/decide.bpf.o"
rm -r /sys/fs/bpf/*
"$tests/tc/member.sh" "$BUILD/tests/tc/decide.bpf.o"
echo "yes: a member of the capture group captures tc programs, also those that are attached during the capture"
