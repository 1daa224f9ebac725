/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The points of programs on devices, with the reasons why they cannot be captured.
 */
#ifndef XDPSHARK_PROGRAM_POINT_H
#define XDPSHARK_PROGRAM_POINT_H

#include "point.h"

/* Operations of the two sources: see source.h. */
GPtrArray *program_points_list(GPtrArray **ret_others, GError **error);
void program_points_relate(GPtrArray *points, const GPtrArray *hooks);
GPtrArray *program_points_describe(const char *const *addresses, GError **error);
GPtrArray *tc_points_list(GPtrArray **ret_others, GError **error);
void tc_points_relate(GPtrArray *points, const GPtrArray *all);
GPtrArray *tc_points_describe(const char *const *addresses, GError **error);
GStrv tc_point_members(const char *address);

/* For a capture: hooks are looked for only where they are another way. */
GPtrArray *program_points_find(const SourceType *type, const char *const *addresses,
			       GError **error);

/* Whether its packets are those of another device: a device of netkit runs its programs on packets
 * that are its peer's already. */
gboolean program_point_is_of_peer(const Point *point);

/* enum xdpshark_way */
guint program_point_way(const Point *point);

#endif /* XDPSHARK_PROGRAM_POINT_H */
