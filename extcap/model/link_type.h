/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What packets begin with at XDP, which depends on the type of the device.
 */
#ifndef XDPSHARK_LINK_TYPE_H
#define XDPSHARK_LINK_TYPE_H

#include <glib.h>

typedef enum {
	LINK_ETHERNET,
	LINK_RAW_IP, /* an IPv4 or IPv6 header */
	LINK_TYPES,
	LINK_OTHER = LINK_TYPES, /* anything else */
} LinkType;

typedef struct {
	guint16 number;	   /* LINKTYPE_... in files */
	int dlt;	   /* DLT_... of libpcap */
	const char *name;  /* of that DLT */
	const char *title; /* for people */
} LinkTypeInfo;

/* By LinkType. */
extern const LinkTypeInfo link_types[LINK_TYPES];

/* From the kernel's type of a device, ARPHRD_... */
LinkType link_type_of(guint16 hardware_type);

#endif /* XDPSHARK_LINK_TYPE_H */
