#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets at the kernel's functions and tracepoints, and their journeys.
set -eu
. "$(dirname "$0")/proof.sh"
. "$(dirname "$0")/kernel_part.bash"
part functions "packets at functions and tracepoints"
part many "packets at all functions and tracepoints of the kernel at once"
part journey "packets of the kernel that are followed (--track)"
part journey_parts "segments and fragments of followed packets"
part journey_from_xdp "a packet's journey from XDP on"
