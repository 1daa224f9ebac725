/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a program could not be loaded.
 */
#ifndef XDPSHARK_PROGRAM_ERROR_H
#define XDPSHARK_PROGRAM_ERROR_H

#include <glib.h>

/* What to do about EPERM, for messages. */
#define PROGRAM_PERMISSION_REMEDY "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"

/* What to do about EPERM on this machine: the above, or to raise a limit if that is the cause. */
const char *program_permission_remedy(void);

#define PROGRAM_ERROR (program_error_quark())
GQuark program_error_quark(void);
typedef enum {
	PROGRAM_ERROR_FILTER,	  /* the filter cannot be compiled, or the verifier refuses it */
	PROGRAM_ERROR_OWNER,	  /* the hook accepts no kind of program that we can load */
	PROGRAM_ERROR_PERMISSION, /* not allowed to load programs */
	PROGRAM_ERROR_KERNEL,	  /* the kernel lacks something that is needed */
	PROGRAM_ERROR_TAKEN,	  /* another program stands where ours would be attached */
} ProgramError;

#endif /* XDPSHARK_PROGRAM_ERROR_H */
