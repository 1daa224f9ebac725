/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the numbers in a session's records stand for. xdpshark-hookd is asked when one is met that
 * is new, which are few.
 */
#ifndef XDPSHARK_NAMES_H
#define XDPSHARK_NAMES_H

#include "broker_session.h"

typedef struct Names Names;

/* The session must outlive it. */
Names *names_new(const BrokerSession *session);
void names_free(Names *names);

/* NULL or "" if it has no name. */
const char *names_find(Names *names, SessionNameKind kind, guint64 number);

/* The name of a network namespace by the number of its inode: as in /run/netns, or the number
 * itself. NULL: it is our own. */
const char *names_find_namespace(Names *names, guint32 number);

#endif /* XDPSHARK_NAMES_H */
