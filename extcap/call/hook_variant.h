/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks as messages.
 */
#ifndef XDPSHARK_HOOK_VARIANT_H
#define XDPSHARK_HOOK_VARIANT_H

#include <glib.h>

#include "hook.h"

/* Name, index, namespace and its name, is that our own, program, address, speed, type, takes VLAN
 * tags, kind, cookie of the namespace. */
#define HOOK_DEVICE_VARIANT_TYPE "(ayutaybuaytqbayt)"

/* Path, name, map id, slots, slots' programs and their names, programs known, doubt (empty: none),
 * programs, devices. Strings are bytes: names in bpffs need not be UTF-8. */
#define HOOK_VARIANT_TYPE "(ayayuuauaaybaya(uay)a" HOOK_DEVICE_VARIANT_TYPE ")"

/* A floating reference. */
GVariant *hook_to_variant(const Hook *hook);

/* The variant is of HOOK_VARIANT_TYPE. */
Hook *hook_from_variant(GVariant *variant);

/* The same for arrays: of Hook *, and of HOOK_VARIANT_TYPE. */
GVariant *hooks_to_variant(const GPtrArray *hooks);
GPtrArray *hooks_from_variant(GVariant *variant);

#endif /* XDPSHARK_HOOK_VARIANT_H */
