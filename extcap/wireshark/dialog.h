/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of an interface in Wireshark's dialog, as --extcap-config prints them.
 */
#ifndef XDPSHARK_DIALOG_H
#define XDPSHARK_DIALOG_H

#include "source_type.h"

/* Prints the sentences of --extcap-config for points of that type which have these SourceOptions,
 * numbered from first on; with reload, only the values of that option. */
void dialog_print(const SourceType *type, guint options, guint first, const char *reload);

#endif /* XDPSHARK_DIALOG_H */
