/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs of tc that sessions of this process capture. A program is known by its id and by the
 * direction of its packets, not by its address: numbers in addresses change whenever a program of
 * the same name comes or goes. A session that is captured for a group ("all on eth0") goes on with
 * a program of the same name in the same place; whatever else comes to the group is a newcomer.
 */
#ifndef XDPSHARK_TC_MEMBER_H
#define XDPSHARK_TC_MEMBER_H

#include <glib.h>

#include "point.h"
#include "session_call.h"

/* Of one session. */
typedef struct TcMember TcMember;
TcMember *tc_member_new(const SessionRequest *request, const Point *point);
void tc_member_free(TcMember *member);

/* The program of the request's group that it asks for and that no session has yet; NULL with
 * error. */
Point *tc_member_choose(const SessionRequest *request, GError **error);

/* The member's program, or the one that has taken its place; NULL if there is none. */
Point *tc_member_find(const TcMember *member);

/* The session goes on with this one. */
void tc_member_follow(TcMember *member, const Point *point);

/* It cannot go on with the program of that id (0: none), which nobody else is to be asked for. */
void tc_member_refuse(TcMember *member, guint32 id);

/* What has come to the member's group (Point *), each said once, with the reasons why it cannot be
 * captured and addresses that no session has. NULL: nothing, or another member says it. */
GPtrArray *tc_member_newcomers(TcMember *member);

/* Programs that are members of no session, which was said already. */
void tc_member_leave_out(const Point *point);

/* Whether both run for the same packets: the same program, attached twice. */
gboolean tc_member_is_same(const Point *point, const Point *other);

#endif /* XDPSHARK_TC_MEMBER_H */
