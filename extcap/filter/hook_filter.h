/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter for the packets of a hook, which begin as its devices' types say: with an Ethernet
 * header, with an IP header, or some so and some so.
 */
#ifndef XDPSHARK_HOOK_FILTER_H
#define XDPSHARK_HOOK_FILTER_H

#include "exclusion.h"
#include "filter.h"
#include "hook.h"

typedef struct {
	const Filter *filter;
	GPtrArray *remarks; /* char *, lines that the user should read */
	/* private */
	Filter *own; /* filter, if that is not another's */
	guint32 netmask;
	guint links;	/* bit 1 << LinkType for those of the hook's devices */
	LinkType link;	/* of the packets of devices that are not in others */
	GArray *others; /* guint32, indexes of devices with raw IP among those with Ethernet */
	GArray *told;	/* guint32, indexes of devices that hook_filter_review() has told of */
	gboolean all;	/* it lets everything through */
} HookFilter;

/* exclusion may be NULL, and so may before: the filter of another hook with the same text and
 * exclusion, which is used again where it is the same, and must live longer then. An error of
 * domain HOOK_ERROR says that the hook has devices whose packets we have no name for. */
HookFilter *hook_filter_new(const Hook *hook, const char *text, const Exclusion *exclusion,
			    const HookFilter *before, GError **error);
void hook_filter_free(HookFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HookFilter, hook_filter_free)

/* Whether the hook has devices now whose packets are of another type than there were when the
 * filter was made: a line about those that were not told before, to be freed by g_free(), and how
 * grave it is; else NULL. */
char *hook_filter_review(HookFilter *filter, const Hook *hook, GLogLevelFlags *ret_level);

#endif /* XDPSHARK_HOOK_FILTER_H */
