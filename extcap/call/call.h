/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls from the program to xdpshark-hookd. Each is one message (method, arguments), answered
 * by one message. Sessions are numbered from 0 in the order in which they are opened.
 */
#ifndef XDPSHARK_CALL_H
#define XDPSHARK_CALL_H

#include "attachment.h"
#include "finding.h"
#include "point_variant.h"

/* Sessions of one xdpshark-hookd, at most. */
#define CALL_SESSIONS_MAX 512

/* The descriptor at which xdpshark-hookd gets its socket. */
#define CALL_SOCKET_FD 3

#define CALL_REQUEST_TYPE "(sv)"

/* Whether the call succeeded; domain, code and message of the error if not; log lines (level,
 * message); result. */
#define CALL_REPLY_TYPE "(bsisa(us)v)"

/* For a source, "" means all of them. */
#define CALL_LIST_POINTS     "list-points"     /* source */
#define CALL_FIND_POINTS     "find-points"     /* source, pattern */
#define CALL_SURVEY	     "survey"	       /* source */
#define CALL_OPEN_POINTS     "open-points"     /* source and address of each */
#define CALL_EXAMINE	     "examine"	       /* names of findings; none means all */
#define CALL_CHECK_FILTER    "check-filter"    /* classic instructions, a 64-bit number each */
#define CALL_OPEN_MATCH	     "open-match"      /* the same; replaces the filter before */
#define CALL_RUN_MATCH	     "run-match"       /* packets */
#define CALL_OPEN_SESSION    "open-session"    /* options, see session_request_pack() */
#define CALL_ATTACH_SESSIONS "attach-sessions" /* numbers; attaches all or none */
#define CALL_DETACH_SESSIONS "detach-sessions" /* numbers */
#define CALL_LOOK	     "look"	       /* numbers of the sessions whose users are wanted */
#define CALL_MOVE_SESSION    "move-session"    /* number, id of the new point */
#define CALL_NAMES	     "names"	       /* number */

/* Number, options as of open-session: only session_change_pack() has those that can change. */
#define CALL_CHANGE_SESSION "change-session"

/* Result of survey: points, and programs attached to devices that lead to none. */
#define CALL_SURVEY_RESULT_TYPE "(a" POINT_VARIANT_TYPE "a" POINT_VARIANT_TYPE ")"

#define CALL_EXAMINE_RESULT_TYPE "a" FINDING_VARIANT_TYPE

/* Packets to run a filter on: length on the wire, bytes. */
#define CALL_PACKETS_TYPE "a(uay)"

/* Result of open-session: number of segments, bytes of each, number of CPUs, offset of the kernel's
 * clock (see monotonic.h). The descriptors are those of Rings in its order: segments, cpus,
 * control, wake. */
#define CALL_SESSION_RESULT_TYPE "(uuux)"

/* Result of detach-sessions: one for each, in the order of the numbers. */
#define CALL_DETACH_RESULT_TYPE "a" ATTACHMENT_VARIANT_TYPE

/* Result of look for one session: PinState, remark, refusal, attachment, users, what is pinned
 * there now (both an array of one point or none), and newcomers. */
#define CALL_NEWS_TYPE                                                                             \
	"(uss" ATTACHMENT_VARIANT_TYPE "a" POINT_VARIANT_TYPE "a" POINT_VARIANT_TYPE               \
	"a" POINT_VARIANT_TYPE ")"
#define CALL_LOOK_RESULT_TYPE "a" CALL_NEWS_TYPE

/* Result of names: what numbers in the session's records stand for, as far as it is new: kind
 * (SessionNameKind), number, bytes. */
#define CALL_NAMES_RESULT_TYPE "a(utay)"

/* Result of move-session: the time since which packets are the new point's. */
#define CALL_MOVE_RESULT_TYPE "(t)"

#endif /* XDPSHARK_CALL_H */
