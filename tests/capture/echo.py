#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""echo.py PORT...: sends a UDP packet to each port of 10.9.0.2, and prints how many come back."""

import socket
import sys

SO_NO_CHECK = 11  # else a veth device has the checksum to be filled in by others, and XDP does not
answered = 0
for number, port in enumerate(sys.argv[1:]):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(5)
        sender.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
        sender.connect(("10.9.0.2", int(port)))
        sender.send(b"%d" % number)
        try:
            answered += sender.recv(100) == b"%d" % number
        except (TimeoutError, ConnectionRefusedError):
            pass
print(answered)
