/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface "XDP on a remote host" in Wireshark: its fields, and what they say.
 */
#ifndef XDPSHARK_REMOTE_INTERFACE_H
#define XDPSHARK_REMOTE_INTERFACE_H

#include <glib.h>

#include "option.h"
#include "remote_host.h"

#define REMOTE_INTERFACE "xdp-remote"

/* Values of fields that are no options of the command line; NULL or "": not filled in. */
typedef struct {
	char *host;
	char *port;
	char *user;
	char *point; /* chosen from the list */
	char *path;  /* typed; it comes before the list */
} RemoteFields;

gboolean remote_interface_is(const char *interface);

/* Adds what parses them into fields. */
void remote_interface_add_options(GOptionGroup *group, RemoteFields *fields);
void remote_fields_clear(RemoteFields *fields);

void remote_interface_print(void);

/* The fields before the options of a capture; with reload, only the values of that field, for which
 * the host is asked. */
void remote_interface_print_config(const char *reload, const RemoteFields *fields,
				   const OptionValues *values);

/* The host (RemoteHost *, one) that fields name, with the point; NULL with error. */
GPtrArray *remote_interface_hosts(const RemoteFields *fields, const OptionValues *values,
				  GError **error);

#endif /* XDPSHARK_REMOTE_INTERFACE_H */
