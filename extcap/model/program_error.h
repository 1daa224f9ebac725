/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a program could not be loaded.
 */
#ifndef XDPSHARK_PROGRAM_ERROR_H
#define XDPSHARK_PROGRAM_ERROR_H

#include <glib.h>

/* What to do about EPERM, for messages. */
#define PROGRAM_PERMISSION_REMEDY "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"

/* What to do about EPERM here: that, or to raise a limit, where that is the reason. */
const char *program_permission_remedy(void);

#define PROGRAM_ERROR (program_error_quark())
GQuark program_error_quark(void);
typedef enum {
	PROGRAM_ERROR_FILTER,	  /* the filter cannot be compiled, or the verifier refuses it */
	PROGRAM_ERROR_OWNER,	  /* the hook accepts none of the kinds of program that we can be */
	PROGRAM_ERROR_PERMISSION, /* loading programs is not permitted */
	PROGRAM_ERROR_KERNEL,	  /* the kernel lacks something */
} ProgramError;

#endif /* XDPSHARK_PROGRAM_ERROR_H */
