/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the capture of a point on another host: xdpshark there makes them, and answers.
 */
#ifndef XDPSHARK_REMOTE_CHANGES_H
#define XDPSHARK_REMOTE_CHANGES_H

#include <glib.h>

#include "change_message.h"
#include "changes.h"

/* Sends a message to the other host; it ends with a zero byte, which counts. */
typedef void RemoteChangesSend(const char *message, gsize length, gpointer data);

/* By what that host offers. setting: filter and sample that the capture was begun with. */
typedef struct RemoteChanges RemoteChanges;
RemoteChanges *remote_changes_new(const char *label, const ChangeAnswer *offer,
				  const ChangesSetting *setting, RemoteChangesSend *send,
				  gpointer data);
void remote_changes_free(RemoteChanges *changes);

Changes *remote_changes_base(RemoteChanges *changes);

/* An answer has come. */
void remote_changes_take(RemoteChanges *changes, const ChangeAnswer *answer);

#endif /* XDPSHARK_REMOTE_CHANGES_H */
