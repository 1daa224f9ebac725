/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points as messages.
 */
#ifndef XDPSHARK_POINT_VARIANT_H
#define XDPSHARK_POINT_VARIANT_H

#include <glib.h>

#include "point.h"

/* Name, index, namespace, its name, whether it is our own, program, MAC address, speed, hardware
 * type, whether it takes VLAN tags, kind, cookie of the namespace, mode. */
#define POINT_DEVICE_VARIANT_TYPE "(ayutaybuaytqbayty)"

/* Id, name, tag, when it was loaded, BTF, fragments, tail calls. */
#define POINT_PROGRAM_VARIANT_TYPE "(uaytxyyb)"

/* Source, address, name, id, number of slots, their programs, the names of these, programs known,
 * remarks (doubt, refusal, hook, dispatcher, way, group; empty: none), programs, devices, sockets.
 * Strings are bytes: names in bpffs need not be UTF-8. */
#define POINT_VARIANT_TYPE                                                                         \
	"(sayayuuauaaybaaya" POINT_PROGRAM_VARIANT_TYPE "a" POINT_DEVICE_VARIANT_TYPE "a(tuay))"

/* Returns a floating reference. */
GVariant *point_to_variant(const Point *point);

/* The variant is of POINT_VARIANT_TYPE. NULL if there is no such source. */
Point *point_from_variant(GVariant *variant);

/* The same for arrays. Points of unknown sources are left out. */
GVariant *points_to_variant(const GPtrArray *points);
GPtrArray *points_from_variant(GVariant *variant);

#endif /* XDPSHARK_POINT_VARIANT_H */
