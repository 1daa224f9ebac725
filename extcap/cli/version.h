/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What "xdpshark --version" prints: the version in the first line, then what it was built and runs
 * with.
 */
#ifndef XDPSHARK_VERSION_H
#define XDPSHARK_VERSION_H

void version_print(void);

#endif /* XDPSHARK_VERSION_H */
