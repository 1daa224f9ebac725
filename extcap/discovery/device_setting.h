/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rtnetlink does not report of devices, but ethtool's calls do.
 */
#ifndef XDPSHARK_DEVICE_SETTING_H
#define XDPSHARK_DEVICE_SETTING_H

#include <glib.h>

/* Adds it to the devices (Device *) from first on, as far as they have programs or sockets. */
void device_settings_read(GPtrArray *devices, guint first);

#endif /* XDPSHARK_DEVICE_SETTING_H */
