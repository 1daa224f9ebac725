#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What there is time for with each change, of what the tests of the kernel's own points do.
set -eu
exec "$(dirname "$0")/../../kernel/drops.sh" "$BUILD/tests/kernel/shot.bpf.o"
