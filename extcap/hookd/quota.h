/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the machine one user may take with captures, over all processes of xdpshark-hookd.
 * Root may take all, but for memory that is not there.
 */
#ifndef XDPSHARK_QUOTA_H
#define XDPSHARK_QUOTA_H

#include <sys/types.h>

#include "session_call.h"

#define QUOTA_ERROR (quota_error_quark())
GQuark quota_error_quark(void);
typedef enum {
	QUOTA_ERROR_SPENT,  /* the user has as much as one may have */
	QUOTA_ERROR_MEMORY, /* the machine has not so much */
	QUOTA_ERROR_FAILED,
} QuotaError;

/* On whose account all goes from now on. Root's if it is not called. */
void quota_set_caller(uid_t caller);
uid_t quota_caller(void);

/* Of the places of a slot's chain, those that the caller may fill up to: the last ones are root's.
 */
guint quota_places(guint all);

/* FALSE if the caller may not use a filter of this size. */
gboolean quota_check_filter(const struct sock_filter *filter, gsize length, GError **error);

/* The right to open a capture, or to move one; no other of the user's is given until it is settled.
 * NULL if the user has too much already. */
typedef struct QuotaClaim QuotaClaim;
QuotaClaim *quota_claim(const SessionRequest *request, GError **error);
/* maps: descriptors of those that are handed out, the first one of which stands for the capture.
 * They count as long as the kernel has them, whoever keeps them. */
QuotaClaim *quota_claim_move(const int *maps, const SourceType *type, guint32 id, GError **error);

/* What has come of it: maps are those of a capture that was opened or moved, NULL if it was not. */
void quota_settle(QuotaClaim *claim, const int *maps, guint count);

#endif /* XDPSHARK_QUOTA_H */
