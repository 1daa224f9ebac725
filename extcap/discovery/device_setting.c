// SPDX-License-Identifier: GPL-2.0-or-later
#include "device_setting.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"

/* The kernel's MAX_LINK_MODE_MASK_NWORDS is S8_MAX; three masks follow the settings. */
#define LINK_MODE_WORDS (3 * 127)

/* Bits per second, 0 if unknown. The first ioctl asks how many words the link mode masks have. */
static guint64 device_speed(int socket, const char *name)
{
	struct {
		struct ethtool_link_settings settings;
		guint32 masks[LINK_MODE_WORDS];
	} request = { .settings.cmd = ETHTOOL_GLINKSETTINGS };
	struct ifreq ifr = { .ifr_data = (char *)&request };

	g_strlcpy(ifr.ifr_name, name, sizeof(ifr.ifr_name));
	if (ioctl(socket, SIOCETHTOOL, &ifr) < 0 || request.settings.link_mode_masks_nwords >= 0)
		return 0;
	request.settings.cmd = ETHTOOL_GLINKSETTINGS;
	request.settings.link_mode_masks_nwords = (gint8)-request.settings.link_mode_masks_nwords;
	if (ioctl(socket, SIOCETHTOOL, &ifr) < 0 ||
	    request.settings.speed == (guint32)SPEED_UNKNOWN)
		return 0;
	return request.settings.speed * G_GUINT64_CONSTANT(1000000);
}

static gboolean device_takes_vlan_tags(int socket, const char *name)
{
	struct ethtool_value request = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq ifr = { .ifr_data = (char *)&request };

	g_strlcpy(ifr.ifr_name, name, sizeof(ifr.ifr_name));
	return ioctl(socket, SIOCETHTOOL, &ifr) == 0 && (request.data & ETH_FLAG_RXVLAN) != 0;
}

void device_settings_read(GPtrArray *devices, guint first)
{
	int fd;

	if (first == devices->len)
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	for (guint i = first; i < devices->len; i++) {
		Device *device = g_ptr_array_index(devices, i);

		if (device->program_count == 0 && !device->has_sockets && !device->tc)
			continue;
		device->speed = device_speed(fd, device->name);
		device->takes_vlan_tags = device_takes_vlan_tags(fd, device->name);
	}
	close(fd);
}
