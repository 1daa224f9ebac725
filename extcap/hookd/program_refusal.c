// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_refusal.h"

#include "trace.h"

#define NAMELESS "its network namespace has no name; give it one (ip netns attach NAME PID)"

static gboolean is_offloaded(const Point *point)
{
	const PointDevice *device = point->devices->len > 0 ? point->devices->pdata[0] : NULL;

	return device && device->mode == XDP_MODE_OFFLOAD;
}

/* What to do where programs cannot be traced. */
static char *without_tracing(const Point *point, const char *reason)
{
	return point->hook
		       ? g_strdup_printf("%s; capture its hook, %s", reason, point->hook)
		       : g_strdup_printf("%s; give it a hook (xdpshark_hook.h) and capture that",
					 reason);
}

/* Of tc: all others are XDP's. */
static char *tc_refusal(const Point *point, const PointProgram *program)
{
	if (*point->address == '\0')
		return g_strdup(NAMELESS);
	if (trace_refusal())
		return g_strdup_printf("%s; what it drops is among kernel:drops", trace_refusal());
	/* A device has what its programs have, each of which says so. */
	if (program && point->way && program->btf == FACT_NO)
		return g_strdup("it was loaded without BTF; load it with BTF (clang -g)");
	return NULL;
}

char *program_refusal(const Point *point)
{
	const PointProgram *program = point->programs->len > 0 ? point->programs->pdata[0] : NULL;

	if (point->type == &source_tc)
		return tc_refusal(point, program);
	if (is_offloaded(point))
		return g_strdup("the device itself runs it (offload); attach it to the driver to "
				"capture it (ip link set dev NAME xdpdrv ...)");
	if (*point->address == '\0')
		return g_strdup(NAMELESS);
	/* To ask the kernel takes longer than all the rest. */
	if (trace_refusal())
		return without_tracing(point, trace_refusal());
	if (!program)
		return NULL;
	if (program->extended)
		return g_strdup_printf("another program has taken the place of its main function "
				       "(freplace); capture that one: %s:%s/NAME",
				       point->type->scheme, point->address);
	if (program->btf == FACT_NO && trace_dispatcher_refusal())
		return g_strdup_printf("it was loaded without BTF, and %s; load it with BTF "
				       "(clang -g), or give it a hook and capture that",
				       trace_dispatcher_refusal());
	return NULL;
}
