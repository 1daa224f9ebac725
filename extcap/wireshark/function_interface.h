/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface "Packets at functions of the kernel" in Wireshark, which has no place to type a
 * name: they are named in its options.
 */
#ifndef XDPSHARK_FUNCTION_INTERFACE_H
#define XDPSHARK_FUNCTION_INTERFACE_H

#include <glib.h>

#include "broker.h"

/* Values of fields that are no options of the command line; NULL or "": not filled in. */
typedef struct {
	char *typed;  /* names, with commas between */
	char *chosen; /* from a list of those that match what is typed; it counts alone */
} FunctionFields;

gboolean function_interface_is(const char *interface);

/* Adds what parses them into fields. */
void function_interface_add_options(GOptionGroup *group, FunctionFields *fields);
void function_fields_clear(FunctionFields *fields);

void function_interface_print(void);

/* The fields before the options of a capture; with reload, only the values of that field. */
void function_interface_print_config(Broker *broker, const char *reload,
				     const FunctionFields *fields);

/* The point at these functions; NULL with error, without any. */
PointAddress *function_interface_address(const FunctionFields *fields, GError **error);

#endif /* XDPSHARK_FUNCTION_INTERFACE_H */
