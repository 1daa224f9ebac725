#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What there is time for with each change, of what the tests of components and of programs in maps do.
set -eu
export XDPSHARK_BRIEF=yes
"$(dirname "$0")/held.sh"
rm -rf /sys/fs/bpf/*
exec "$(dirname "$0")/components.sh"
