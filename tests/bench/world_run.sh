#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# world_run.sh COMMAND...: runs it in the world of tests/world.sh, with jumbo frames, inside of tests/sandbox.
set -eu
. "$(dirname "$0")/../world.sh"
world_create 65535
world_attach "$BUILD/tests/programs/example_frags.bpf.o"
export BENCH_CLIENT=$client BENCH_SERVER=$server
BENCH_MAC=$(device_address "$server" server0)
export BENCH_MAC
# Nothing is left in the source tree.
PYTHONDONTWRITEBYTECODE=1 python3 "$@"
