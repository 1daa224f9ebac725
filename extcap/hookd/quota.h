/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits what one user may take with captures, over all processes of xdpshark-hookd. Root has no
 * limits but the memory that is left.
 */
#ifndef XDPSHARK_QUOTA_H
#define XDPSHARK_QUOTA_H

#include <sys/types.h>

#include "session_call.h"

#define QUOTA_ERROR (quota_error_quark())
GQuark quota_error_quark(void);
typedef enum {
	QUOTA_ERROR_SPENT,  /* the user has reached a limit */
	QUOTA_ERROR_MEMORY, /* the machine does not have that much left */
	QUOTA_ERROR_FAILED,
} QuotaError;

/* Sets the user who is charged from now on. Root unless it is called. */
void quota_set_caller(uid_t caller);
uid_t quota_caller(void);

/* How many places of a slot's chain the caller may fill: the last ones are reserved for root. */
guint quota_places(guint all);

/* FALSE if the caller may not use a filter of this size. */
gboolean quota_check_filter(const struct sock_filter *filter, gsize length, GError **error);

/* Claims the right to open a capture. The user's other captures must wait until the claim is
 * settled. NULL with error if it would exceed a limit. */
typedef struct QuotaClaim QuotaClaim;
QuotaClaim *quota_claim(const SessionRequest *request, GError **error);
/* The same to move a capture. maps: the descriptors that were handed out, of which the first
 * identifies the capture. The maps count as long as they exist, whoever keeps them. */
QuotaClaim *quota_claim_move(const int *maps, const SourceType *type, guint32 id, GError **error);

/* The same to give a capture another filter. */
QuotaClaim *quota_claim_filter(const int *maps, const struct sock_filter *filter, gsize length,
			       GError **error);

/* Settles a claim. maps: those of the capture that was opened, moved or changed; NULL if that
 * failed. */
void quota_settle(QuotaClaim *claim, const int *maps, guint count);

#endif /* XDPSHARK_QUOTA_H */
