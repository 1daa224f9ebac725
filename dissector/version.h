/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Wireshark version that the plugin is built against: the same source supports 4.0, 4.4 and
 * 4.6. */
#ifndef XDPSHARK_DISSECTOR_VERSION_H
#define XDPSHARK_DISSECTOR_VERSION_H

#include <ws_version.h>

#define WIRESHARK_AT_LEAST(major, minor)                                                           \
	(WIRESHARK_VERSION_MAJOR > (major) ||                                                      \
	 (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#endif
