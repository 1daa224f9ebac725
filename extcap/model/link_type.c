// SPDX-License-Identifier: GPL-2.0-or-later
#include "link_type.h"

#include <linux/if_arp.h>
#include <stdio.h>
#include <sys/utsname.h>

const LinkTypeInfo link_types[LINK_TYPES] = {
	[LINK_ETHERNET] = { 1, 1, "EN10MB", "Ethernet" },
	/* libpcap's DLT_RAW is another number on OpenBSD only. */
	[LINK_RAW_IP] = { 101, 12, "RAW", "Raw IP" },
};

/* Before Linux 5.14 (the series that ends with commit 549c243e4e01), some tunnels show XDP the
 * outer frame, from its Ethernet header on. */
static const struct {
	guint16 hardware_type;
	LinkType type;
	LinkType before_5_14;
} devices[] = {
	{ ARPHRD_ETHER, LINK_ETHERNET, LINK_ETHERNET },
	{ ARPHRD_LOOPBACK, LINK_ETHERNET, LINK_ETHERNET },
	{ ARPHRD_NONE, LINK_RAW_IP, LINK_RAW_IP }, /* tun, WireGuard */
	{ ARPHRD_PPP, LINK_RAW_IP, LINK_RAW_IP },
	{ ARPHRD_RAWIP, LINK_RAW_IP, LINK_RAW_IP },
	{ ARPHRD_SIT, LINK_RAW_IP, LINK_RAW_IP },
	{ ARPHRD_IPGRE, LINK_RAW_IP, LINK_RAW_IP },
	{ ARPHRD_TUNNEL, LINK_RAW_IP, LINK_ETHERNET },
	{ ARPHRD_TUNNEL6, LINK_RAW_IP, LINK_ETHERNET },
	{ ARPHRD_IP6GRE, LINK_RAW_IP, LINK_ETHERNET },
};

static gboolean is_before_5_14(void)
{
	struct utsname name;
	guint major, minor;

	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major < 5 || (major == 5 && minor < 14));
}

LinkType link_type_of(guint16 hardware_type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
		if (devices[i].hardware_type == hardware_type)
			return is_before_5_14() ? devices[i].before_5_14 : devices[i].type;
	return LINK_OTHER;
}
