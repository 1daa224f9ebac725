/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points that stand for others: a capture of the one is a capture of them all.
 */
#ifndef XDPSHARK_EXPANSION_H
#define XDPSHARK_EXPANSION_H

#include <glib.h>

/* Takes over asked: schemes and addresses, of type a(say). Returns those that are captured, and
 * for each of them in *ret_groups the address that stands for it and others (char *), or NULL. */
GVariant *expansion_of(GVariant *asked, GPtrArray **ret_groups);

#endif /* XDPSHARK_EXPANSION_H */
