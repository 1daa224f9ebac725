#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends UDP packets of the sizes that the arguments say, with random bytes; prints each in hexadecimal."""

import random
import socket
import sys

source = random.Random(1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for size in map(int, sys.argv[1:]):
        data = source.randbytes(size)
        sender.sendto(data, ("10.9.0.2", 1001))
        print(data.hex())
