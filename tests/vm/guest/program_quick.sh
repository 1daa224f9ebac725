#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What there is time for with each change, of what the tests of programs without a hook do.
set -eu
objects=$BUILD/tests/trace
export TRACING_NEEDED=1 XDPSHARK_FRAMES=40000 XDPSHARK_ROUNDS=0
"$(dirname "$0")/../../trace/rewrite.sh" "$objects/rewrite.bpf.o" "$objects/rewrite_bare.bpf.o" native
rm -r /sys/fs/bpf/*
# One in this kernel, one in that: both would take more than a minute.
case $(uname -r) in
5.10.*) exec "$(dirname "$0")/../../trace/frames.sh" ;;
*) exec "$(dirname "$0")/../../trace/killed.sh" "$objects/firewall.bpf.o" ;;
esac
