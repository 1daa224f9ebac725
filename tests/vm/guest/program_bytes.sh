#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# XDP programs that nobody has prepared are captured to the byte, whatever they do to packets.
set -eu
objects=$BUILD/tests/trace
TRACING_NEEDED=1 exec "$(dirname "$0")/../../trace/rewrite.sh" "$objects/rewrite.bpf.o" "$objects/rewrite_bare.bpf.o"
