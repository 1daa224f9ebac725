/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With what xdpshark ends.
 */
#ifndef XDPSHARK_EXIT_STATUS_H
#define XDPSHARK_EXIT_STATUS_H

typedef enum {
	EXIT_STATUS_OK,
	EXIT_STATUS_FAILED,
	EXIT_STATUS_USAGE, /* the command line is wrong */
} ExitStatus;

#endif /* XDPSHARK_EXIT_STATUS_H */
