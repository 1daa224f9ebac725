#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends numbered UDP packets, to the ports in turn, until so many are sent or SIGTERM comes.

The payload is "PORT NUMBER", padded with spaces to the size. Prints how many were sent.
"""

import argparse
import os
import signal
import socket
import time

# Of linux/udp.h: one call sends that many packets of the same size.
UDP_SEGMENT = 103


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("ports", type=int, nargs="+")
    parser.add_argument("--address", default="10.9.0.2")
    parser.add_argument("--count", type=int, default=0, help="packets in all; 0: until SIGTERM")
    parser.add_argument("--size", type=int, default=18, help="bytes of payload")
    parser.add_argument("--burst", type=int, default=1, help="packets sent by one call, to one port")
    parser.add_argument("--pause", type=float, default=0, help="seconds between two calls")
    parser.add_argument("--cpu", type=int, help="on which the sender stays, and the packets with it")
    return parser.parse_args()


def payload(port, number, size):
    return b"%d %d" % (port, number) + b" " * (size - len(b"%d %d" % (port, number)))


def main():
    options = arguments()
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        if options.burst > 1:
            sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, options.size)
        sent = 0
        while not stopped and not 0 < options.count <= sent:
            port = options.ports[sent // options.burst % len(options.ports)]
            burst = min(options.burst, options.count - sent) if options.count else options.burst
            data = b"".join(payload(port, sent + i, options.size) for i in range(burst))
            sender.sendto(data, (options.address, port))
            sent += burst
            if options.pause:
                time.sleep(options.pause)
    print(sent)


main()
