#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# send_kinds.py DEVICE KIND...: sends a packet of each kind (traced.h) out of the device.
import socket
import sys

sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((sys.argv[1], 0))
for kind in sys.argv[2:]:
    head = bytes.fromhex("02000000000102000000000288b5") + bytes([int(kind)])
    sender.send(head + bytes(i * 7 & 255 for i in range(len(head), 100)))
