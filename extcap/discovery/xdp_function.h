/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of a loaded program, as its BTF has them.
 */
#ifndef XDPSHARK_XDP_FUNCTION_H
#define XDPSHARK_XDP_FUNCTION_H

#include <glib.h>

/* The whole name of the program's main function, of which its own name may be the beginning alone
 * (15 characters). NULL if it was loaded without BTF. To be freed by g_free(). */
char *xdp_function_name(int program_fd);

/* The BTF id of that function; 0 if there is none. */
guint32 xdp_function_id(int program_fd);

#endif /* XDPSHARK_XDP_FUNCTION_H */
