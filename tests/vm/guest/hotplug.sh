#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A CPU that comes online during a capture: its packets are captured from the first one on.
set -eu
. "$(dirname "$0")/proof.sh"
switch=/sys/devices/system/cpu/cpu1/online
[ -e $switch ] || { echo "SKIP: no second CPU that can be switched"; exit 77; }
world_create
world_attach "$example"

echo 0 >$switch
check_equal "CPUs online" 1 "$(nproc)"
capture_start -w "$file" udp
send --cpu 0 --count 50 1001 >/dev/null
echo 1 >$switch
send --cpu 1 --count 50 1001 >/dev/null
capture_end
check_sums
check_equal "captured" 100 "$(packets)"
check_equal "CPUs" "0 1" "$(blocks "$file" EPB packetid | awk '{ print int($1 / 2 ^ 48) }' | sort -u | paste -sd ' ')"
