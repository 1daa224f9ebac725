/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces that the file has for a point: its packets of one link type and direction that
 * were judged by the same filter. A filter that is changed during the capture makes a new version.
 */
#ifndef XDPSHARK_FILTER_VERSION_H
#define XDPSHARK_FILTER_VERSION_H

#include <glib.h>

#include "common.h"
#include "record.h"

typedef struct {
	gboolean written;
	guint32 number;
	Common common;
	guint64 packets;
} FileInterface;

/* Entry and exit are interfaces of their own. */
#define DIRECTIONS (XDPSHARK_EXIT + 1)
#define INTERFACES (DIRECTIONS * LINK_TYPES)

typedef struct {
	guint8 number; /* the records' */
	char *filter;
	/* FileInterface *: first INTERFACES for the point, then those of its places. */
	GPtrArray *interfaces;
	GHashTable *places; /* of these, by number and link type */
} FilterVersion;

FileInterface *filter_version_interface(const FilterVersion *version, guint8 direction,
					LinkType link);

/* For a point that consists of several places, as functions of the kernel: that of the one with
 * this number, from 1. */
FileInterface *filter_version_place(FilterVersion *version, guint16 place, LinkType link);

/* Versions (FilterVersion *) of a filter, of which the first one has number 0. */
GPtrArray *filter_versions_new(const char *filter);
/* Only the low 8 bits of number count. */
void filter_versions_add(GPtrArray *versions, guint32 number, const char *filter);

FilterVersion *filter_versions_newest(const GPtrArray *versions);
/* The last one with that number; if there is none, the newest. */
FilterVersion *filter_versions_find(const GPtrArray *versions, guint8 number);

/* Packets of all interfaces. */
guint64 filter_versions_packets(const GPtrArray *versions);
/* The number of the first interface that was written. */
guint32 filter_versions_first(const GPtrArray *versions);
/* For another file, in which no interface is written yet. */
void filter_versions_restart(const GPtrArray *versions);

#endif /* XDPSHARK_FILTER_VERSION_H */
