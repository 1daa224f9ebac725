#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an XDP program without a hook does to packets is the same while it is captured.
set -eu
TRACING_NEEDED=1 exec "$(dirname "$0")/../../trace/frames.sh"
