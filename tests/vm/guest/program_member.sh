#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ordinary user of the capture group sees what an XDP program drops that nobody has prepared.
set -eu
TRACING_NEEDED=1 exec "$(dirname "$0")/../../trace/member.sh" "$BUILD/tests/trace/firewall.bpf.o"
