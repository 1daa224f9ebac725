#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What AF_XDP sockets get and send.
set -eu
. "$(dirname "$0")/proof.sh"
TRACING_NEEDED=1 "$tests/xsk/capture.sh" "$BUILD/tests/xsk/redirect.bpf.o" "$BUILD/tests/xsk/xsk_socket"
yes "AF_XDP sockets, what they get and what they send in copy mode"
