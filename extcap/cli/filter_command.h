/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of "xdpshark filter".
 */
#ifndef XDPSHARK_FILTER_COMMAND_H
#define XDPSHARK_FILTER_COMMAND_H

#include <glib.h>

typedef struct {
	char *emit;
	char *match;
	char *cbpf;
	char *link_type;
	char *batch;
	char *batch_cbpf;
	gboolean values;
	gboolean unoptimized;
	GStrv words;
} FilterArguments;

/* As capture_arguments_parse(). */
gboolean filter_arguments_parse(FilterArguments *ret_arguments, int argc, char **argv,
				GError **error);
void filter_arguments_clear(FilterArguments *arguments);

#endif /* XDPSHARK_FILTER_COMMAND_H */
