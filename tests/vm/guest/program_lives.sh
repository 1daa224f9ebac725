#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures of one program without a hook do not disturb each other, leave nothing, and follow it.
set -eu
objects=$BUILD/tests/trace
export TRACING_NEEDED=1
"$(dirname "$0")/../../trace/killed.sh" "$objects/firewall.bpf.o"
rm -r /sys/fs/bpf/*
"$(dirname "$0")/../../trace/replaced.sh" "$objects/firewall.bpf.o" "$objects/firewall_bare.bpf.o"
